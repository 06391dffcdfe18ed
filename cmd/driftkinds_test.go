package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay/store/testdb"
)

// accounts are the statements of a store with snapshots of two accounts.
func accounts(snapshots ...string) []string {
	out := []string{
		"CREATE TABLE events(seq INTEGER PRIMARY KEY AUTOINCREMENT, id VARCHAR NOT NULL, version INTEGER, reason VARCHAR, type VARCHAR, timestamp VARCHAR, data BLOB, metadata BLOB)",
		"CREATE TABLE snapshots(id VARCHAR NOT NULL, type VARCHAR, version INTEGER, global_version INTEGER, state BLOB)",
	}
	for v := 1; v <= 9; v++ {
		for _, id := range []string{"b", "a-1"} {
			reason := "Credited"
			if v%3 == 0 {
				reason = "Debited"
			}
			out = append(out, fmt.Sprintf(`INSERT INTO events(id, version, reason, type, timestamp, data) VALUES('%s', %d, '%s', 'Account', '2026-03-0%dT10:00:00Z', '{"Amount":%d.10}')`, id, v, reason, v, v))
		}
	}
	for _, s := range snapshots {
		out = append(out, "INSERT INTO snapshots(id, type, version, state) VALUES("+s+")")
	}
	return out
}

const accountFold = `fromAll().foreachStream().when({
  $init() { return { Balance: 0, N: 0, tags: [] } },
  Credited(s, e) { s.Balance = Decimal(s.Balance).plus(e.data.Amount); s.N++; s.tags = ['c', e.version] },
  Debited(s, e) { s.Balance = Decimal(s.Balance).minus(e.data.Amount); s.N++; s.tags = ['d', e.version] },
})`

// TestDriftOfSnapshots compares snapshots whose faults are known with replay at their
// versions, which are not the head.
func TestDriftOfSnapshots(t *testing.T) {
	t.Parallel()
	right := []string{
		`'a-1', 'Account', 2, '{"Balance":3.20,"N":2,"tags":["c",2]}'`, `'a-1', 'Account', 4, '{"Balance":"4.2","N":4.0,"tags":["c",4]}'`,
		`'b', 'Account', 3, '{"tags":["d",3],"Balance":0.1,"N":3}'`,
	}
	for name, test := range map[string]struct {
		more  []string
		flags []string
		code  int
		want  []string
	}{
		"right": {nil, nil, exitOK, []string{"the snapshots match replay: 3 of 3 compared snapshots identical"}},
		"wrong": {
			[]string{`'b', 'Account', 6, '{"Balance":2.3,"N":6,"tags":["d",7]}'`, `'b', 'Account', 12, '{}'`, `'z', 'Account', 1, '{}'`},
			nil, exitFindings,
			[]string{
				"3 of 4 compared", "1 modified", "2 extra: snapshots of a version without an event", "\nAccount/b@6\n",
				"/Balance  2.3 should be 3.20  set by Account/b@6 Debited", "/tags/1  7 should be 6  set by Account/b@6 Debited", "extra: Account/b@12, Account/z@1", "asof show bank.db Account/b@6",
			},
		},
		"mapped": {
			[]string{`'b', 'Account', 6, '{"Balance":2.3,"N":6,"deep":{"n":7}}'`},
			[]string{"--map", "N=/N,/tags/0=/tags/0"},
			exitFindings,
			[]string{"3 of 4 compared", "column /tags/0: 1 wrong", "/tags/0  nothing should be \"d\""},
		},
		"lacking":    {[]string{`'b', 'Account', 9, '{"Balance":-0.8,"tags":["d",9]}'`}, nil, exitFindings, []string{"/N  nothing should be 9"}},
		"not JSON":   {[]string{`'b', 'Account', 9, 'x'`}, nil, exitFindings, []string{"no difference found, but 1 state could not be compared", "3 of 3"}},
		"junit":      {[]string{`'b', 'Account', 9, '{}'`}, []string{"--junit", "-"}, exitFindings, []string{`failures="1"`, `name="Account/b@9"`}},
		"json":       {[]string{`'b', 'Account', 9, '{}'`}, []string{"--json"}, exitFindings, []string{`"of":"snapshots"`, `"groups":[{"kind":"type","right":3,"value":"Debited","wrong":3}`}},
		"with table": {nil, []string{"--table", "x"}, exitUsage, []string{"snapshots are in the store"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			testdb.Build(t, filepath.Join(dir, "bank.db"), nil, accounts(append(right, test.more...)...)...)
			if err := os.WriteFile(filepath.Join(dir, "account.js"), []byte(accountFold), 0o600); err != nil {
				t.Fatal(err)
			}
			out, code := runHere(dir, append([]string{"drift", "bank.db", "--fold", "account.js", "--snapshots"}, test.flags...))
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("the output lacks %q:\n%s", want, out)
				}
			}
		})
	}
}

// TestDriftOfSnapshotsInPages lists the wrong values of snapshots one by one, of which those
// of one stream come by version and not by text.
func TestDriftOfSnapshotsInPages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wrong := []string{`'b', 'Account', 11, '{}'`, `'b', 'Account', 100, '{}'`, `'z', 'Account', 1, '{}'`}
	for v := 2; v <= 10; v++ {
		wrong = append(wrong, fmt.Sprintf(`'b', 'Account', %d, '{"Balance":99,"N":%d,"tags":[]}'`, v, v))
	}
	testdb.Build(t, filepath.Join(dir, "bank.db"), nil, accounts(wrong...)...)
	if err := os.WriteFile(filepath.Join(dir, "account.js"), []byte(accountFold), 0o600); err != nil {
		t.Fatal(err)
	}
	type page struct {
		Cells  []struct{ Key, Path string }
		Extra  []string
		Rows   struct{ Modified int }
		Cursor string
	}
	args := []string{"drift", "bank.db", "--fold", "account.js", "--snapshots", "--json"}
	list := func(more ...string) (items []string, p page) {
		out, _, code := run(t, dir, nil, append(args, more...)...)
		if err := json.Unmarshal([]byte(out), &p); err != nil || code != exitFindings {
			t.Fatal(code, err, out)
		}
		for _, c := range p.Cells {
			items = append(items, c.Key+c.Path)
		}
		return append(items, p.Extra...), p
	}
	want, whole := list()
	if len(want) < 10 || whole.Cursor != "" {
		t.Fatalf("%q, then %s", want, whole.Cursor)
	}
	var got []string
	for items, p := list("-n", "1"); ; items, p = list("-n", "1", "--cursor", p.Cursor) {
		if got = append(got, items...); p.Rows != whole.Rows {
			t.Errorf("a page counts %v, want %v", p.Rows, whole.Rows)
		}
		if p.Cursor == "" {
			break
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the pages are %q, want %q", got, want)
	}
}

// TestDriftOfFolds compares two folds whose difference is known.
func TestDriftOfFolds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testdb.Build(t, filepath.Join(dir, "bank.db"), nil, accounts()...)
	for name, script := range map[string]string{
		"old.js": accountFold, "same.js": strings.Replace(accountFold, "N: 0", "N: 0.0", 1),
		"new.js":   strings.Replace(accountFold, "Debited(s, e) {", "Debited(s, e) { s.fee = (s.fee ?? 0) + 1;", 1),
		"fails.js": strings.Replace(accountFold, "Debited(s, e) {", "Debited(s, e) { if (e.streamId === 'Account/b') throw new Error('no');", 1),
		"text.js":  strings.Replace(accountFold, "s.N++; s.tags", "s.N = String(e.version); s.tags", 2),
		"none.js":  "fromStream('Account/b').when({ $init() { return null }, Opened(s, e) {} })",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"same": {[]string{"--fold", "old.js", "--fold", "same.js"}, exitOK, []string{"both folds give the same states: 2 of 2", "old.js → same.js as of now"}},
		"new": {
			[]string{"--fold", "old.js", "--fold", "new.js"},
			exitFindings,
			[]string{"0 of 2 compared", "2 modified", "column fee: 2 changed", "Debited  2 of ", "/fee  nothing became 3  set by Account/a-1@9 Debited", "asof diff bank.db Account/a-1 --fold old.js --fold new.js"},
		},
		"before":       {[]string{"--fold", "old.js", "--fold", "new.js", "--at", "pos:4"}, exitOK, []string{"as of pos:4"}},
		"fails":        {[]string{"--fold", "old.js", "--fold", "fails.js"}, exitFindings, []string{"1 of 1 compared", "1 not compared", "Account/b@3"}},
		"failed":       {[]string{"--fold", "fails.js", "--fold", "old.js"}, exitFindings, []string{"1 of 1 compared", "1 not compared"}},
		"strict":       {[]string{"--fold", "old.js", "--fold", "fails.js", "--strict"}, exitFold, []string{"Account/b@3"}},
		"another type": {[]string{"--fold", "old.js", "--fold", "text.js"}, exitFindings, []string{`/N  9 became "9"`}},
		"gone":         {[]string{"--fold", "old.js", "--fold", "none.js"}, exitFindings, []string{"2 gone: states that only the first fold gives", "gone: Account/a-1, Account/b"}},
		"appears":      {[]string{"--fold", "none.js", "--fold", "old.js"}, exitFindings, []string{"2 new: states that only the second fold gives", "new: Account/a-1, Account/b"}},
		"junit":        {[]string{"--fold", "old.js", "--fold", "new.js", "--junit", "-"}, exitFindings, []string{`name="Account/a-1"`, "became"}},
		"three":        {[]string{"--fold", "old.js", "--fold", "new.js", "--fold", "same.js"}, exitUsage, []string{"3 folds"}},
		"with a table": {[]string{"--fold", "old.js", "--fold", "new.js", "--table", "x"}, exitUsage, []string{"over all of their states"}},
	} {
		out, code := runHere(dir, append([]string{"drift", "bank.db"}, test.args...))
		if code != test.code {
			t.Errorf("%s: exit code %d, want %d", name, code, test.code)
		}
		for _, want := range test.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: the output lacks %q:\n%s", name, want, out)
			}
		}
	}
}
