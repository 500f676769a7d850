import type { Limits } from '../../limits.ts';
import { ServiceError } from '../../wire/errors.ts';
import type { OperationName } from '../../wire/service/table.ts';
import { accessOf, type Place } from './access.ts';
import type { OwnAction } from './actions.ts';
import type { AccessKey, AccessKeys } from './credentials-file.ts';
import { type AccessRequest, allows, allowsOnly, mayAllow } from './policy.ts';
import { isSecret } from './secret.ts';
import { SigningKeys } from './signing-key.ts';
import { expectSignature, type SignedRequest, type VerifyOptions, verifySignature } from './verify.ts';

/** The signer of a request and their permissions. The methods throw AccessDeniedException. */
export interface Caller {
  callOperation(operation: OperationName, input: unknown): void;
  /** Checks an action beside the operations table, such as `tripline:ListActions`; `*` without a resource. */
  act(action: string, resource?: string): void;
  readonly name: string;
  /** Whether an action is allowed for at least one resource. */
  mayEver(action: string): boolean;
  /** Whether the key is still valid, and still allows the action on `*`. */
  mayStill(action?: string): boolean;
}

/** Admits requests signed with a known access key; throws ServiceError for all others. */
export interface Gate {
  /** Throws ServiceError for a request that its headers alone show to be inadmissible, before its body is read. */
  expect(request: Omit<SignedRequest, 'body'>): void;
  admit(request: SignedRequest): Caller;
  /**
   * Admits a request by HTTP's Basic authentication, with an access key id and its secret. Only for a key that may do
   * nothing but `action`, since its secret is sent as it is.
   */
  admitBasic(authorization: string, action: OwnAction): Caller;
}

export interface GateOptions extends Place {
  /** The current keys; they may change. */
  readonly keys: () => AccessKeys;
  readonly limits?: Limits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const BASIC = 'Basic ';

export function isBasic(authorization: string | undefined): authorization is string {
  return authorization?.startsWith(BASIC) === true;
}

export function createGate({ keys, now, region, accountId, limits }: GateOptions): Gate {
  const signingKeys = new SigningKeys();
  const place = { region, accountId };
  const optionsFor = (known: AccessKeys): VerifyOptions => ({
    ...{ region, now: now(), keys: signingKeys },
    secretOf: (accessKeyId) => known.get(accessKeyId)?.secretAccessKey,
  });
  return {
    expect: (request) => expectSignature(request, optionsFor(keys())),
    admit(request) {
      const known = keys();
      const id = verifySignature(request, optionsFor(known));
      return callerOf(known.get(id) as AccessKey);
    },
    admitBasic(authorization, action) {
      const [id = '', ...secret] = Buffer.from(authorization.slice(BASIC.length), 'base64')
        .toString()
        .split(':');
      const key = keys().get(id);
      if (key === undefined || !isSecret(key.secretAccessKey, Buffer.from(secret.join(':'))))
        throw new ServiceError(
          'UnrecognizedClientException',
          'The access key id or the secret access key of the Authorization header is not valid',
        );
      if (key.policy === undefined || !allowsOnly(key.policy, action))
        throw new ServiceError(
          'AccessDeniedException',
          `Basic authentication is for keys whose policy allows ${action} and nothing else; sign the request instead`,
        );
      return callerOf(key);
    },
  };

  function callerOf(key: AccessKey): Caller {
    return {
      callOperation: (operation, input) => {
        if (key.policy === undefined) return;
        for (const access of accessOf(operation, input, place, limits)) demand(key, access, place);
      },
      act: (action, resource = '*') => demand(key, { action, resource }, place),
      name: key.name,
      mayEver: (action) => key.policy === undefined || mayAllow(key.policy, action),
      mayStill: (action) => {
        const now = keys().get(key.accessKeyId);
        if (now?.secretAccessKey !== key.secretAccessKey) return false;
        return action === undefined || isAllowed(now, { action, resource: '*' });
      },
    };
  }
}

/** A key without a policy may do everything. */
function isAllowed({ policy }: AccessKey, access: AccessRequest): boolean {
  return policy === undefined || allows(policy, access);
}

function demand(key: AccessKey, access: AccessRequest, { accountId }: Place): void {
  if (isAllowed(key, access)) return;
  const user = `arn:aws:iam::${accountId}:user/${key.name}`;
  const isIot = access.action.startsWith('iot:');
  throw new ServiceError(
    isIot ? 'UnauthorizedException' : 'AccessDeniedException',
    `User: ${user} is not authorized to perform: ${access.action} on resource: ${access.resource}`,
  );
}
