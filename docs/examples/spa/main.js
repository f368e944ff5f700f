// The build with tokens, for an origin of its own.
import { call } from "./api.js";
import { start } from "./app.js";
import { currentUser, signIn, signOut } from "./session.js";

start({ call, currentUser: async () => (await currentUser())?.profile, signIn, signOut });
