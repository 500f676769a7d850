/** The text of an error. Below its first line an expression is shown, with a mark under what is wrong. */
export function MessageText({ text }: { readonly text: string }) {
  const [first, ...rest] = text.split('\n');
  return (
    <>
      {first}
      {rest.length > 0 && <pre className="excerpt">{rest.join('\n')}</pre>}
    </>
  );
}
