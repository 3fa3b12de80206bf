/**
 * Rejects each way in which a program asks the computer for the time, so that it comes from the `Clock` of the protocol and a spec can
 * set it. oxlint has no `no-restricted-syntax`, and its `no-restricted-properties` sees `Date.now`, but not `new Date()`. The rule is
 * plain JavaScript, because oxlint loads no TypeScript on Node.js 20.
 */
const oneClock = {
  create(context) {
    const reject = (node) =>
      context.report({ node, message: 'Take the time from the Clock (packages/protocol/src/clock.ts).' });
    return {
      MemberExpression(node) {
        const name = node.computed ? node.property.value : node.property.name;
        if (isDate(node.object) && name === 'now') reject(node);
      },
      NewExpression(node) {
        if (isDate(node.callee) && node.arguments.length === 0) reject(node);
      },
      // `Date()` gives the time as a text, whatever its arguments.
      CallExpression(node) {
        if (isDate(node.callee)) reject(node);
      },
    };
  },
};

function isDate(node) {
  return node.type === 'Identifier' && node.name === 'Date';
}

export default { meta: { name: 'house' }, rules: { 'one-clock': oneClock } };
