package cmd

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"asof/fixtures/write"
	"asof/replay"
)

// bank are 300 events of ten accounts, whose amounts have two decimal places.
func bank() iter.Seq[replay.Event] {
	return func(yield func(replay.Event) bool) {
		versions := map[int]replay.Version{}
		for i := range 300 {
			account := (i * i / 7) % 10
			versions[account]++
			e := replay.Event{
				Stream: replay.StreamID(fmt.Sprint("account-", account)), Category: "account", Version: versions[account], Position: replay.Position(i + 1),
				ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Revision: 1, Time: time.Date(2026, 2, 1, 8, i, 0, 0, time.UTC),
				Type: "Credited", Data: fmt.Appendf(nil, `{"amount":%d.%02d}`, 20+i*37%90, i*i%100),
			}
			switch {
			case versions[account] == 1:
				e.Type, e.Data = "Opened", []byte(`{"name":"Ann"}`)
			case i%3 == 0:
				e.Type = "Debited"
			}
			if !yield(e) {
				return
			}
		}
	}
}

// TestReadmeBank runs the query of the README over a bank: at every moment, the balances add
// up to the transactions, to the cent. Python's store and PostgreSQL give the same.
func TestReadmeBank(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```\n\\$ cat account.js\n(.*?)\\$ asof (query bank.sqlite .*?[^\\\\])\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README does not show a bank")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "account.js"), block[1], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write.Python(t.Context(), filepath.Join(dir, "bank.sqlite"), write.PythonOptions{}, bank()); err != nil {
		t.Fatal(err)
	}
	args := words(strings.ReplaceAll(string(block[2]), "\\\n", " "))
	if got := runLine(dir, args); !matches(string(block[3]), got) {
		t.Errorf("asof %s prints\n%s\nthe README has\n%s", args, got, block[3])
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		args[1] = postgresStore(t, "marten", "text", bank())
		if got := runLine(dir, args); !matches(string(block[3]), got) {
			t.Errorf("PostgreSQL gives\n%s\nthe README has\n%s", got, block[3])
		}
	})
}
