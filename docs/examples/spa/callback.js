import { finishSignIn } from "/session.js";

try {
  await finishSignIn();
  // Replace the address, so that the code does not stay in the history.
  location.replace("/");
} catch (error) {
  document.getElementById("problem").textContent = `The sign-in failed: ${error.message}. Go back and sign in again.`;
}
