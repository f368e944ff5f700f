import { finishSignIn } from "/session.js";

try {
  await finishSignIn();
  // The code is used up: it stays in no history.
  location.replace("/");
} catch (error) {
  document.getElementById("problem").textContent = `The sign-in did not work: ${error.message}`;
}
