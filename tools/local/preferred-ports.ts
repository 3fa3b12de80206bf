/** Ports that the documentation names; when they are taken at the first start, others are chosen. */
export const PREFERRED_PORTS = { terminals: 8443, public: 9443, operator: 9090 };
