import { Tabs } from '@mantine/core';
import { useAddressState } from '../url/address-state.js';

export interface TabOf<Name extends string> {
  readonly name: Name;
  readonly text: string;
  readonly count?: string | undefined;
}

interface AddressTabsProps<Name extends string> {
  readonly label: string;
  /** The member of the address that holds the choice. */
  readonly member: string;
  readonly tabs: readonly TabOf<Name>[];
  readonly value: Name;
}

/** Tabs whose choice is in the address. The panel below is the page's own. */
export function AddressTabs<Name extends string>({ label, member, tabs, value }: AddressTabsProps<Name>) {
  const { change } = useAddressState();
  return (
    <Tabs value={value} onChange={(next) => change({ [member]: next })} className="no-print">
      <Tabs.List aria-label={label}>
        {tabs.map(({ name, text, count }) => (
          <Tabs.Tab key={name} value={name}>
            {text}
            {count !== undefined && ` (${count})`}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ name, text }) => (
        <Tabs.Panel key={name} value={name} aria-label={text} className="hidden">
          {text}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
