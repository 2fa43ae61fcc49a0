/**
 * The part of CloudWatch's metric math that the stack's alarms use: numbers, ids of metrics, `+ - * /`, FLOOR, FILL with a
 * number and MAX of several metrics. Anything else is an error, for an alarm that is evaluated wrongly is worse than none.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'metric'; readonly id: string }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expression[] };

const operators = {
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
} as const;
type Operator = keyof typeof operators;

/** By how tightly they bind, loosely first; those of one level from left to right. */
const levels: readonly (readonly Operator[])[] = [
  ['+', '-'],
  ['*', '/'],
];

const arities = { FLOOR: 1, FILL: 2 } as const;
/** MAX takes one list, of any length. */
type FunctionName = keyof typeof arities | 'MAX';

/** @throws Error that says what is not understood, and where. */
export function parseExpression(text: string): Expression {
  const tokens = text.match(/\s*([-+*/(),[\]]|\d+(?:\.\d+)?|[A-Za-z_]\w*|\S)/g)?.map((it) => it.trim());
  const parser = new Parser(text, tokens ?? []);
  const expression = parser.level(0);
  parser.end();
  return expression;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string, tokens: readonly string[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  end(): void {
    if (this.#peek() !== undefined) throw this.#trouble();
  }

  level(index: number): Expression {
    const ofLevel = levels[index];
    if (ofLevel === undefined) return this.#operand();
    let left = this.level(index + 1);
    for (;;) {
      const operator = ofLevel.find((it) => it === this.#peek());
      if (operator === undefined) return left;
      this.#next += 1;
      left = { kind: 'operation', operator, left, right: this.level(index + 1) };
    }
  }

  #operand(): Expression {
    const token = this.#take();
    if (token === '(') {
      const inner = this.level(0);
      this.#expect(')');
      return inner;
    }
    if (/^\d/.test(token)) return { kind: 'number', value: Number(token) };
    // CloudWatch has ids begin with a small letter, and functions be in capitals.
    if (/^[a-z]\w*$/.test(token)) return { kind: 'metric', id: token };
    if (!(token in arities || token === 'MAX') || this.#peek() !== '(') throw this.#trouble(token);
    const name = token as FunctionName;
    this.#next += 1;
    const args = name === 'MAX' ? this.#list() : this.#args(arities[name]);
    this.#expect(')');
    const [, second] = args;
    if (name === 'FILL' && second?.kind !== 'number') throw this.#trouble('FILL without a number');
    return { kind: 'call', name, args };
  }

  #args(count: number): Expression[] {
    const args = [this.level(0)];
    while (args.length < count) {
      this.#expect(',');
      args.push(this.level(0));
    }
    return args;
  }

  #list(): Expression[] {
    this.#expect('[');
    const items = [this.level(0)];
    while (this.#peek() === ',') {
      this.#next += 1;
      items.push(this.level(0));
    }
    this.#expect(']');
    return items;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(): string {
    const token = this.#peek();
    if (token === undefined) throw this.#trouble('its end');
    this.#next += 1;
    return token;
  }

  #expect(token: string): void {
    if (this.#peek() !== token) throw this.#trouble();
    this.#next += 1;
  }

  #trouble(what = this.#peek() ?? 'its end'): Error {
    return new Error(`the metric math ${this.#text} is not understood at ${what}`);
  }
}

export function metricsIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'metric':
      return [expression.id];
    case 'operation':
      return [...metricsIn(expression.left), ...metricsIn(expression.right)];
    case 'call':
      return expression.args.flatMap(metricsIn);
  }
}

/**
 * One period of an expression.
 *
 * @param values of its metrics in that period, null where one has none
 * @returns null where the expression has no value
 */
export function evaluateExpression(
  expression: Expression,
  values: ReadonlyMap<string, number | null>,
): number | null {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'metric':
      return values.get(expression.id) ?? null;
    case 'operation': {
      const left = evaluateExpression(expression.left, values);
      const right = evaluateExpression(expression.right, values);
      return left === null || right === null ? null : operators[expression.operator](left, right);
    }
    case 'call':
      return call(
        expression.name,
        expression.args.map((arg) => evaluateExpression(arg, values)),
      );
  }
}

function call(name: FunctionName, args: readonly (number | null)[]): number | null {
  const [value = null, second = null] = args;
  switch (name) {
    case 'FLOOR':
      return value === null ? null : Math.floor(value);
    case 'FILL':
      return value ?? second;
    case 'MAX': {
      const present = args.filter((one) => one !== null);
      return present.length === 0 ? null : Math.max(...present);
    }
  }
}
