import { readAnswersWhole, within } from './answer.ts';
import type { ClientSettings } from './aws-senders.ts';
import { classifyError, SendError } from './classify-error.ts';

/** Credentials that an SDK client signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/**
 * Returns a credentials provider for a role, as an SDK client expects it; the client caches the result and asks again
 * before it expires.
 */
export type CredentialsOf = (roleArn: string) => () => Promise<Credentials>;

/** Seconds; the minimum that STS allows, so that permissions removed from a role end soon. */
const DURATION = 900;

/** Loads the code that assumes roles. The credentials reject with a SendError that names the role. */
export async function loadRoles(settings: ClientSettings): Promise<CredentialsOf> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const { requestTimeout } = settings.requestHandler;
  const assume = async (roleArn: string): Promise<Credentials> => {
    const client = new STSClient(settings);
    readAnswersWhole(client, { answerBytes: settings.answerBytes, isJson: false });
    try {
      const { Credentials: given } = await within(requestTimeout, (abortSignal) =>
        client.send(
          new AssumeRoleCommand({
            RoleArn: roleArn,
            RoleSessionName: 'tripline',
            DurationSeconds: DURATION,
          }),
          { abortSignal },
        ),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
        throw new SendError('RETRYABLE', 'STS answered without credentials');
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      };
    } catch (cause) {
      const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
      throw new SendError(classifyError(cause), `The role ${roleArn} cannot be assumed: ${why}`, { cause });
    } finally {
      client.destroy();
    }
  };
  return (roleArn) => () => assume(roleArn);
}
