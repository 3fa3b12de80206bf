import { ActionIcon, Button, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { LANGUAGE_NAMES, LANGUAGE_TAGS } from '../i18n/dictionaries.js';
import { useLanguage } from '../i18n/language.js';
import { GlobeIcon, MoonIcon, SunIcon } from '../parts/icons.js';

export function LanguageChoice() {
  const { tag, choose, t } = useLanguage();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          className="quiet account"
          aria-label={`${t('language.label')}: ${LANGUAGE_NAMES[tag]}`}
          leftSection={<GlobeIcon />}
        >
          <span className="narrow-hidden">{LANGUAGE_NAMES[tag]}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGE_TAGS.map((one) => (
          <Menu.Item key={one} lang={one} onClick={() => choose(one)} aria-current={one === tag}>
            {LANGUAGE_NAMES[one]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function SchemeChoice() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const { t } = useLanguage();
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      className="quiet"
      aria-label={t(dark ? 'scheme.to_light' : 'scheme.to_dark')}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <SunIcon /> : <MoonIcon />}
    </ActionIcon>
  );
}
