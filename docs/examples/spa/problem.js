export class Problem extends Error {
  /** An error of the API (RFC 9457). Branch on `code`, and show `message`. */
  constructor(problem) {
    super(problem.detail);
    this.code = problem.code;
    this.errors = problem.errors ?? {};
    this.signInUrl = problem.sign_in_url;
  }
}
