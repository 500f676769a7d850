import type { Limits } from '../../limits.ts';
import { ServiceError } from '../../wire/errors.ts';
import type { OperationName } from '../../wire/service/table.ts';
import { accessOf, type Place } from './access.ts';
import type { AccessKey, AccessKeys } from './credentials-file.ts';
import { type AccessRequest, allows, mayAllow } from './policy.ts';
import { SigningKeys } from './signing-key.ts';
import { expectSignature, type SignedRequest, type VerifyOptions, verifySignature } from './verify.ts';

/** Whoever has signed a request, and what they may do. The methods throw AccessDeniedException. */
export interface Caller {
  callOperation(operation: OperationName, input: unknown): void;
  /** Something beside the table, such as `tripline:ListActions`; `*` without a resource. */
  act(action: string, resource?: string): void;
  readonly name: string;
  /** Whether an action is allowed for some resource at least. */
  mayEver(action: string): boolean;
  /** Whether the key is still in force, and still allows the action on `*`. */
  mayStill(action?: string): boolean;
}

/** Lets requests in that a known access key has signed; throws ServiceError for all others. */
export interface Gate {
  /** Throws ServiceError for what its headers alone tell not to let in, before its body is read. */
  expect(request: Omit<SignedRequest, 'body'>): void;
  admit(request: SignedRequest): Caller;
}

export interface GateOptions extends Place {
  /** The keys in force; they may change. */
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
