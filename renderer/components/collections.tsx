// Tabs, tables and disclosures. A wide table scrolls within itself, never the page.
import type { ReactNode } from 'react'
import {
  Disclosure as AriaDisclosure,
  Tabs as AriaTabs,
  Button,
  Cell,
  Checkbox,
  Column,
  DisclosurePanel,
  Heading,
  Row,
  Tab,
  TabList,
  Table,
  TableBody,
  TableHeader,
  TabPanel,
} from 'react-aria-components'
import { useText } from '../text/use-text.tsx'
import { Icon } from './icons.tsx'

export interface TabEntry {
  readonly id: string
  readonly title: string
  readonly content: ReactNode
}

export interface TabsProps {
  readonly label: string
  readonly tabs: readonly TabEntry[]
  readonly selected?: string
  onSelect?(id: string): void
}

export function Tabs({ label, tabs, selected, onSelect }: TabsProps) {
  return (
    <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={(id) => onSelect?.(String(id))}>
      <TabList aria-label={label} className="tab-list">
        {tabs.map(({ id, title }) => (
          <Tab key={id} id={id} className="tab">
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id} className="tab-panel">
          {content}
        </TabPanel>
      ))}
    </AriaTabs>
  )
}

export interface TableColumn<T> {
  readonly id: string
  readonly title: string
  /** Names the row for screen readers; exactly one column. */
  readonly rowHeader?: boolean
  render(row: T): ReactNode
}

export interface DataTableProps<T> {
  readonly label: string
  readonly columns: readonly TableColumn<T>[]
  readonly rows: readonly T[]
  keyOf(row: T): string
  /** Enter or double click on a row. */
  onAction?(row: T): void
  readonly selected?: ReadonlySet<string>
  onSelect?(keys: ReadonlySet<string>): void
  /** Shows a box in front of each row, and one for all rows. */
  readonly checks?: boolean
  readonly empty?: ReactNode
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, keyOf, onAction, selected, onSelect, checks, empty } = props
  const t = useText()
  const act = onAction && ((key: unknown) => rows.filter((row) => keyOf(row) === key).forEach(onAction))
  return (
    <div className="table-scroller">
      <Table
        aria-label={label}
        className="table"
        selectionMode={onSelect ? 'multiple' : 'none'}
        selectedKeys={selected}
        onSelectionChange={(keys) => onSelect?.(new Set(keys === 'all' ? rows.map(keyOf) : [...keys].map(String)))}
        onRowAction={act}
      >
        <TableHeader>
          {checks && (
            <Column className="table-check">
              <RowCheck />
            </Column>
          )}
          {columns.map(({ id, title, rowHeader }) => (
            <Column key={id} id={id} isRowHeader={rowHeader ?? false}>
              {title}
            </Column>
          ))}
        </TableHeader>
        <TableBody renderEmptyState={() => <p className="table-empty">{empty ?? t('table.empty')}</p>}>
          {rows.map((row) => (
            <Row key={keyOf(row)} id={keyOf(row)} className="table-row">
              {checks && (
                <Cell className="table-check">
                  <RowCheck />
                </Cell>
              )}
              {columns.map(({ id, render }) => (
                <Cell key={id}>{render(row)}</Cell>
              ))}
            </Row>
          ))}
        </TableBody>
      </Table>
    </div>
  )
}

/** The library gives it its label and its state. */
const RowCheck = () => (
  <Checkbox slot="selection" className="choice-check row-check">
    <span className="choice-mark" aria-hidden="true">
      <Icon name="good" size={16} />
    </span>
  </Checkbox>
)

export interface DisclosureProps {
  readonly title: ReactNode
  readonly children: ReactNode
  readonly startsOpen?: boolean
  /** Level of its heading, one below the heading that it belongs to. */
  readonly level?: 2 | 3 | 4
}

export function Disclosure({ title, children, startsOpen, level = 3 }: DisclosureProps) {
  return (
    <AriaDisclosure className="disclosure" defaultExpanded={startsOpen}>
      <Heading level={level} className="disclosure-head">
        <Button slot="trigger" className="button button-quiet">
          <Icon name="down" size={16} />
          {title}
        </Button>
      </Heading>
      <DisclosurePanel className="disclosure-panel">{children}</DisclosurePanel>
    </AriaDisclosure>
  )
}
