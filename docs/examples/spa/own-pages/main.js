// The build without tokens, for a page with the same origin as Gatehouse.
import { start } from "../app.js";
import { call, currentUser, signIn, signOut } from "./api.js";

start({ call, currentUser, signIn, signOut });
