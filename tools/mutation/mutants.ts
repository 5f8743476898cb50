import ts from "typescript";

/** A small fault in a file: `by` replaces the text from `start` to `end`. */
export interface Mutant {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly before: string;
  readonly by: string;
}

const operators: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "??": "&&",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "+=": "-=",
  "-=": "+=",
};

/** Lists all mutants of a TypeScript file, in the order of the text. */
export function mutantsOf(text: string): readonly Mutant[] {
  const file = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const add = (start: number, end: number, by: string) => {
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    found.push({ line, start, end, before: text.slice(start, end), by });
  };
  const visit = (node: ts.Node): void => {
    // Types and imports do nothing at run time, and the wording of log lines is not a promise.
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || isLogging(node))
      return;
    for (const [changed, by] of faultsOf(node, text)) add(changed.getStart(file), changed.end, by);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** Returns the text with one mutant in place. */
export function mutate(text: string, { start, end, by }: Mutant): string {
  return text.slice(0, start) + by + text.slice(end);
}

function faultsOf(node: ts.Node, text: string): readonly (readonly [ts.Node, string])[] {
  if (ts.isBinaryExpression(node)) {
    const by = operators[node.operatorToken.getText()];
    // Strings have no operator -.
    if (by === undefined || (by === "-" && /["'`]/.test(node.getText()))) return [];
    return [[node.operatorToken, by]];
  }
  if (ts.isIfStatement(node))
    return [
      [node.expression, "true"],
      [node.expression, "false"],
    ];
  if (ts.isConditionalExpression(node)) return [[node.condition, `!(${node.condition.getText()})`]];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [[node, node.operand.getText()]];
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, "false"]];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, "true"]];
  if (ts.isNumericLiteral(node)) return [[node, `(${node.getText()} + 1)`]];
  if (ts.isExpressionStatement(node)) return isSuperCall(node, text) ? [] : [[node, ";"]];
  return [];
}

function isSuperCall(node: ts.ExpressionStatement, text: string): boolean {
  return text.slice(node.getStart(), node.end).startsWith("super(");
}

function isLogging(node: ts.Node): boolean {
  return ts.isExpressionStatement(node) && /\b(log|logger)\??[.](debug|info|warn|error)\(/.test(node.getText());
}
