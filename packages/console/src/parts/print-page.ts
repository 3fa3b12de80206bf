/** Class of the page while it has the width of the paper (print.css). */
const PAPER = 'paper';

/** Charts take their new width from an observer, which is told after a frame and draws in the next. */
function frames(count: number, then: () => void): void {
  if (count === 0) then();
  else requestAnimationFrame(() => frames(count - 1, then));
}

/** Prints the page as it reads on A4: charts have no time to be drawn anew once the browser has begun. */
export function printPage(): void {
  const root = document.documentElement;
  root.classList.add(PAPER);
  frames(4, () => {
    globalThis.print();
    root.classList.remove(PAPER);
  });
}
