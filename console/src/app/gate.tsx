import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { ApiError, isSignInError, ownAs } from '../api/call.ts';
import { CONSOLE_ROOT } from '../api/place.ts';
import { loadSettings, setAccessKey, useAccessKeyId } from '../api/session.ts';
import { Failed, Loading, Problem } from '../components/notice.tsx';
import { ASKED, SESSION_QUERY, type Session } from './session.ts';

/** Asks for an access key where the server wants one; shows the console once it is known who looks. */
export function Gate({ children }: { readonly children: ReactNode }) {
  const accessKeyId = useAccessKeyId();
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: loadSettings,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const mustSignIn = settings.data?.signIn === true && accessKeyId === undefined;
  const session = useQuery({ ...SESSION_QUERY, enabled: settings.isSuccess && !mustSignIn });
  if (settings.isPending) return <Loading what="Connecting" />;
  if (settings.isError) {
    const error = new ApiError(
      'Unreachable',
      0,
      'The server does not answer. It may be stopped or restarting.',
    );
    return <Failed error={error} retry={() => void settings.refetch()} />;
  }
  if (mustSignIn) return <SignIn />;
  if (session.isPending) return <Loading what="Connecting" />;
  if (session.isError && isSignInError(session.error)) return <SignIn refusal={session.error} />;
  if (session.isError) return <Failed error={session.error} retry={() => void session.refetch()} />;
  return children;
}

const UNKNOWN_KEY = 'The access key ID or the secret access key is wrong.';

/** What else may be wrong with a signature, such as the clock of this machine, the server says best. */
function isUnknownKey(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.code === 'UnrecognizedClientException') return true;
  return error.code === 'InvalidSignatureException' && /does not match/.test(error.message);
}

function SignIn({ refusal }: { readonly refusal?: unknown }) {
  const queries = useQueryClient();
  const [accessKeyId, setId] = useState('');
  const [secretAccessKey, setSecret] = useState('');
  const [error, setError] = useState(refusal);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Sign in · Tripline';
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const key = { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() };
    try {
      const session = await ownAs<Session>(key, 'session', [['actions', ASKED]]);
      queries.clear();
      queries.setQueryData(SESSION_QUERY.queryKey, session);
      setAccessKey(key);
    } catch (failure) {
      setError(isUnknownKey(failure) ? new Error(UNKNOWN_KEY) : failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form className="panel" onSubmit={(event) => void submit(event)}>
        <div className="body stack">
          <div className="brand">
            <img src={`${CONSOLE_ROOT}favicon.svg`} alt="" />
            Tripline
          </div>
          <h1>Sign in</h1>
          <p className="soft">
            This server takes signed requests only. The secret stays in this tab’s memory: it is not stored
            and not sent.
          </p>
          <div className="field">
            <label htmlFor="access-key-id">Access key ID</label>
            <input
              id="access-key-id"
              className="input mono"
              required
              autoComplete="username"
              spellCheck={false}
              value={accessKeyId}
              onChange={(event) => setId(event.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor="secret-access-key">Secret access key</label>
            <input
              id="secret-access-key"
              className="input mono"
              type="password"
              required
              autoComplete="current-password"
              value={secretAccessKey}
              onChange={(event) => setSecret(event.target.value)}
            />
          </div>
          <Problem error={error} />
          <button type="submit" className="button primary" disabled={busy}>
            Sign in
          </button>
        </div>
      </form>
    </main>
  );
}
