/**
 * Words of which the commonest long passwords are put together, with digits and signs between them. Lower case; years, runs of keys
 * and repetitions are found by rule.
 */
export const COMMON_WORDS: readonly string[] = `
  password passwort passwd passw pass word kennwort motdepasse contrasena parola senha thisismypassword mypassword
  letmein welcome willkommen bienvenue hello hallo bonjour iloveyou love lovely forever freedom access please
  admin administrator root user guest login logon signin master super system server secret geheim changeme change
  default temporary initial test testing demo example sample whatever trustno money lucky happy family mother father
  dragon monkey tiger eagle panda shadow sunshine princess prince angel flower summer winter spring autumn killer
  football baseball basketball soccer hockey liverpool arsenal chelsea barcelona ranger
  superman batman spiderman pokemon starwars matrix naruto minecraft computer internet google facebook microsoft
  windows samsung iphone apple orange banana chocolate cookie coffee cheese pepper ginger purple silver golden
  michael michelle jennifer jessica charlie daniel thomas andrew robert william jordan hunter ashley nicole george
  alexander maggie woaini 1314 520 wodemima mima nihao zhongguo beijing shanghai china england london germany
  correct horse battery staple thequickbrownfox this the and you your one two three
  monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
  september october november december
  taxcontrol tax taxes control console official officials office invoice receipt terminal till ministry government
  inspector supervisor operator finance revenue customs treasury steuer fapiao
`
  .trim()
  .split(/\s+/);

/** Rows of keys and alphabets along which fingers and minds run; backwards too. */
export const RUNS: readonly string[] = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
  '!@#$%^&*()',
];
