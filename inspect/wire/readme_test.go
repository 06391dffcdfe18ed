package wire

import (
	"os"
	"strings"
	"testing"
)

// TestReadme compares the README's table with the structs: go test ./inspect/wire
// -update writes it.
func TestReadme(t *testing.T) {
	const file, begin, end = "../../README.md", "The fields are a contract:\n\n```\n", "```\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), begin)
	listed, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatal("the README has no table of the contract")
	}
	if want := table(); listed != want {
		t.Errorf("the README has\n%s\nthe contract is\n%s", listed, want)
		if *update {
			if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// tableWidth is the maximum width of a line of the README's table.
const tableWidth = 100

// table returns the contract as in the README: each answer with its fields in the order
// of the struct. A field with another answer is followed by ":" and the name of the
// answer, unless it has the same name. A field with another object is followed by the
// object's fields in parentheses. "[]" marks a list, "{}" an object of counts by name,
// "?" a field that may be missing.
func table() string {
	indent := 0
	for _, a := range Contract {
		indent = max(indent, len(a.Name)+2)
	}
	var b strings.Builder
	for _, a := range Contract {
		line := a.Name + strings.Repeat(" ", indent-len(a.Name))
		empty := true
		for word := range strings.FieldsSeq(strings.Join(fieldNames(a.Type), " ")) {
			if !empty && len(line)+1+len(word) > tableWidth {
				b.WriteString(line + "\n")
				line, empty = strings.Repeat(" ", indent), true
			}
			if !empty {
				line += " "
			}
			line, empty = line+word, false
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
