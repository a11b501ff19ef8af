// @ts-check
// Pages on which somebody comes in: passkeys, and the code of an invitation.
import { fragment } from "./sign_in/fragment.js";
import { passkeys } from "./sign_in/passkeys.js";

fragment();
passkeys();
