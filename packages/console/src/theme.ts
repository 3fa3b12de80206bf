import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The office's blue: the seventh step carries white text at 6.6 : 1. */
const office: MantineColorsTuple = [
  '#eaf3fb',
  '#d5e4f3',
  '#a9c8e6',
  '#79a9d8',
  '#518fcc',
  '#387fc4',
  '#2972b8',
  '#1c5d99',
  '#164d80',
  '#0f3c66',
];

/** Fonts that systems have, those with Chinese characters last: no font is fetched. */
const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

export const theme = createTheme({
  colors: { office },
  primaryColor: 'office',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  defaultRadius: 'sm',
  fontFamily: FONTS,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", monospace',
  // Locking the page behind a window writes styles into it without the nonce, which the content security policy stops.
  components: { Modal: { defaultProps: { lockScroll: false } } },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.0625rem' }, h3: { fontSize: '0.9375rem' } },
  },
});

/** What each outcome looks like in every chart, in light and in dark. */
export const SERIES_COLORS = {
  online: 'office.5',
  reissued: 'teal.5',
  offline: 'orange.5',
  refused: 'red.7',
  sales: 'office.5',
} as const;
