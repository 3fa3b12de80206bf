import { Alert, Button, CopyButton, Group, Modal, Stack, Text } from '@mantine/core';
import { useLanguage } from '../i18n/language.js';

interface ShownOnceProps {
  readonly title: string;
  /** Why it must be copied now. */
  readonly lead: string;
  readonly name: string;
  readonly secret: string | null;
  readonly note?: string;
  readonly forget: () => void;
}

/** A secret that the server made and keeps no copy of. It leaves the page only by the button, not by a slip of the mouse. */
export function ShownOnce({ title, lead, name, secret, note, forget }: ShownOnceProps) {
  const { t } = useLanguage();
  return (
    <Modal
      opened={secret !== null}
      onClose={forget}
      title={title}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      size="lg"
      transitionProps={{ duration: 0 }}
    >
      <Stack gap="sm">
        <Alert color="orange" variant="light">
          {lead}
        </Alert>
        <pre className="bytes mono" aria-label={name} tabIndex={0} data-secret>
          {secret}
        </pre>
        {note !== undefined && <Text size="sm">{note}</Text>}
        <Group justify="flex-end" gap="xs">
          <CopyButton value={secret ?? ''}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? 'form.copied' : 'form.copy')}
              </Button>
            )}
          </CopyButton>
          <Button onClick={forget}>{t('form.close')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
