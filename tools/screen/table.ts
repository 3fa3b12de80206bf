/** Lines of a table with aligned columns. Cells that look like numbers stand to the right. */
export function tableLines(rows: readonly (readonly string[])[], indent = '  ', gap = '  '): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return isNumber(cell) ? cell.padStart(width) : cell.padEnd(width);
    });
    return `${indent}${cells.join(gap)}`.trimEnd();
  });
}

const NUMBER_PATTERN = /^-?[0-9][0-9 ]*$/;

function isNumber(cell: string): boolean {
  return NUMBER_PATTERN.test(cell);
}

/** An integer with a space between groups of three digits: 1 234 567 */
export function groupDigits(value: number): string {
  return String(value).replaceAll(/(?<=\d)(?=(\d{3})+$)/g, ' ');
}
