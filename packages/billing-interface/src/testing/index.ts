export { keyPair, pemOf, TestAuthority } from './authority.js';
export type { ChildAgentNews, ChildAgentOrder, ChildAgentWord } from './child-agent.js';
export type { ChildOrder } from './child-till.js';
export { type KnownParameters, LightTill, type LightTillOptions, type LightSale } from './light-till.js';
export { PlainInserts } from './plain-inserts.js';
export { StandInOffice } from './stand-in-office.js';
export { type Fault, StandInServer } from './stand-in-server.js';
export { STILL, TillBench } from './till-bench.js';
export { draft, invitationOf, takeParameters, temporaryFolder } from './till-folder.js';
