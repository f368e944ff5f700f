// What the tests of AWS Amplify call in a page, as `amplify`: tests/clients/test_passwordless_clients.py.

import { Amplify } from "@aws-amplify/core";
import { cognitoUserPoolsTokenProvider } from "@aws-amplify/auth/cognito";

export * from "@aws-amplify/auth";

// The package aws-amplify connects the two in this way.
export const configure = (Cognito) => {
  cognitoUserPoolsTokenProvider.setAuthConfig({ Cognito });
  Amplify.configure({ Auth: { Cognito } }, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
};
