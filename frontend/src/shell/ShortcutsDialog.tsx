import { Modal, Table } from "@mantine/core";

const KEYS: [string[], string][] = [
  [["n"], "New experiment"],
  [["e"], "All experiments"],
  [["/"], "Search the experiments"],
  [["j", "k"], "Next or previous row; the arrow keys do the same"],
  [["Enter"], "Open the row"],
  [["x"], "Choose the row, to compare it"],
  [["?"], "This list"],
  [["Esc"], "Close, or leave a field"],
];

export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keys" size="sm" closeButtonProps={{ "aria-label": "Close" }}>
      <Table withRowBorders={false} verticalSpacing={6}>
        <Table.Tbody>
          {KEYS.map(([keys, meaning]) => (
            <Table.Tr key={meaning}>
              <Table.Td w={96}>
                {keys.map((key) => (
                  <kbd key={key} className="rl-key" style={{ marginRight: 4 }}>
                    {key}
                  </kbd>
                ))}
              </Table.Td>
              <Table.Td>{meaning}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
