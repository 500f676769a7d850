import { classifyError, SendError } from './classify-error.ts';

/** What a client of the SDK signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Seconds; the least that STS gives, so that what is taken back from a role ends soon. */
const DURATION = 900;

/**
 * Credentials of a role, as a client of the SDK asks for them: it keeps them, and asks anew before they expire.
 * Rejects with SendError that names the role.
 */
export function roleCredentials(region: string, roleArn: string): () => Promise<Credentials> {
  return async () => {
    const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
    const client = new STSClient({ region });
    try {
      const { Credentials: given } = await client.send(
        new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'tripline', DurationSeconds: DURATION }),
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
}
