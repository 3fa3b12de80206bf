import { TextInput } from '@mantine/core';
import { useFieldFault } from './field-faults.js';

interface TextFieldProps {
  /** The member of what is sent that it holds: what the server says of it is shown here. */
  readonly member: string;
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly type?: 'text' | 'date' | 'datetime-local' | 'number';
  readonly hint?: string;
  readonly optional?: boolean;
}

/** A field of a form that holds its own text. */
export function TextField({ member, label, value, set, type = 'text', hint, optional = false }: TextFieldProps) {
  const fault = useFieldFault(member);
  return (
    <TextInput
      label={label}
      error={fault}
      type={type}
      required={!optional}
      value={value}
      maxLength={500}
      onChange={(event) => set(event.currentTarget.value)}
      {...(hint === undefined ? {} : { description: hint })}
    />
  );
}
