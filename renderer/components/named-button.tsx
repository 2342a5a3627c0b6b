// A button of one card among many: it is read out with the card's name, and its visible words come first in every language.
import { useId } from 'react'
import { Button, type ButtonProps } from './button.tsx'

export interface NamedButtonProps extends Omit<ButtonProps, 'id' | 'aria-label' | 'aria-labelledby'> {
  /** Id of the element that names what the button is about, such as the card's heading. */
  readonly about: string
}

export function NamedButton({ about, ...rest }: NamedButtonProps) {
  const id = useId()
  return <Button {...rest} id={id} aria-labelledby={`${id} ${about}`} />
}
