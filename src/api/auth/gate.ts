import type { Limits } from '../../limits.ts';
import { ServiceError } from '../../wire/errors.ts';
import type { OperationName } from '../../wire/service/table.ts';
import { accessOf, type Place } from './access.ts';
import type { AccessKey, AccessKeys } from './credentials-file.ts';
import { type AccessRequest, allows, mayAllow } from './policy.ts';
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
}

export interface GateOptions extends Place {
  /** The current keys; they may change. */
  readonly keys: () => AccessKeys;
  readonly limits?: Limits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createGate({ keys, now, region, accountId, limits }: GateOptions): Gate {
  const signingKeys = new SigningKeys();
  const optionsFor = (known: AccessKeys): VerifyOptions => ({
    ...{ region, now: now(), keys: signingKeys },
    secretOf: (accessKeyId) => known.get(accessKeyId)?.secretAccessKey,
  });
  return {
    expect: (request) => expectSignature(request, optionsFor(keys())),
    admit(request) {
      const known = keys();
      const id = verifySignature(request, optionsFor(known));
      const key = known.get(id) as AccessKey;
      const place = { region, accountId };
      return {
        callOperation: (operation, input) => {
          if (key.policy === undefined) return;
          for (const access of accessOf(operation, input, place, limits)) demand(key, access, place);
        },
        act: (action, resource = '*') => demand(key, { action, resource }, place),
        name: key.name,
        mayEver: (action) => key.policy === undefined || mayAllow(key.policy, action),
        mayStill: (action) => {
          const now = keys().get(id);
          if (now?.secretAccessKey !== key.secretAccessKey) return false;
          return action === undefined || isAllowed(now, { action, resource: '*' });
        },
      };
    },
  };
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
