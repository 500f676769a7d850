import { StreamLanguage, type StringStream } from '@codemirror/language';

/** What is open where the tokenizer stands: quotes, and the braces of substitutions within them. */
interface State {
  readonly open: string[];
}

/** The expression language as CodeMirror draws it; what is wrong in a text is for the analysis to say. */
export const expressionLanguage = StreamLanguage.define<State>({
  name: 'expression',
  startState: () => ({ open: [] }),
  copyState: ({ open }) => ({ open: [...open] }),
  token: (stream, { open }) => {
    const top = open.at(-1);
    return top === "'" || top === '"' ? textToken(stream, open, top) : codeToken(stream, open);
  },
});

function textToken(stream: StringStream, open: string[], quote: string): string {
  if (stream.match('${')) {
    open.push('{');
    return 'brace';
  }
  if (stream.eat('\\')) {
    stream.next();
    return 'escape';
  }
  if (stream.eat(quote)) {
    open.pop();
    return 'string';
  }
  stream.next();
  stream.eatWhile((character) => character !== quote && character !== '\\' && character !== '$');
  return 'string';
}

function codeToken(stream: StringStream, open: string[]): string | null {
  if (stream.eatSpace()) return null;
  const quote = stream.eat(/['"]/);
  if (quote) {
    open.push(quote);
    return 'string';
  }
  if (open.at(-1) === '{' && stream.eat('}')) {
    open.pop();
    return 'brace';
  }
  if (stream.match(/^\$(input|variable|sitewise)\b/)) return 'keyword';
  if (stream.match(/^\.(`[^`]*`?|[A-Za-z_]\w*)/)) return 'propertyName';
  if (stream.match(/^\d+(\.\d+)?([eE][+-]?\d+)?/)) return 'number';
  if (stream.match(/^(true|false|String|Decimal|Boolean)\b/)) return 'bool';
  if (stream.match(/^[A-Za-z]\w*/)) return 'variableName.function';
  if (stream.match(/^(\|\||&&|[=!<>]=|[|^&<>+\-*/!~])/)) return 'operator';
  stream.next();
  return null;
}
