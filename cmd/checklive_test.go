package cmd

import (
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/fixtures/demo"
	"asof/fixtures/write"
)

// rowsDDL is an application with django-simple-history, and rows that were changed behind
// it. The model gone has no table any more, and the history of an account has no column
// secret.
var rowsDDL = []string{
	"CREATE TABLE bank_account(id integer NOT NULL PRIMARY KEY, owner text, balance decimal, secret text)",
	`CREATE TABLE bank_historicalaccount(id integer, owner text, balance decimal, history_id integer PRIMARY KEY,
		history_date datetime, history_type varchar(1), history_change_reason text, history_user_id integer)`,
	`CREATE TABLE bank_historicalgone(id integer, history_id integer PRIMARY KEY, history_date datetime, history_type varchar(1))`,
	"INSERT INTO bank_historicalgone VALUES(1, 1, '2026-03-01 08:00:00', '+')",
	`INSERT INTO bank_historicalaccount VALUES
		(1, 'ann', 10, 1, '2026-03-01 09:00:00', '+', NULL, 7), (2, 'bob', 20, 2, '2026-03-01 09:00:01', '+', NULL, 7),
		(3, 'cid', 30, 3, '2026-03-01 09:00:02', '+', NULL, 7), (4, 'dan', 40, 4, '2026-03-01 09:00:03', '+', NULL, 7),
		(4, 'dan', 40, 5, '2026-03-01 09:00:04', '-', NULL, 7), (1, 'ann', 12.5, 6, '2026-03-01 09:00:05', '~', 'interest', 7)`,
	`INSERT INTO bank_account VALUES(1, 'ann', 12.50, 's1'), (2, 'bobby', 20, 's2'), (4, 'dan', 40, 's4'), (5, 'eve', 50, 's5')`,
}

func sqliteFile(t testing.TB, path string, statements []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestCheckLive finds rows that were changed behind their history, and says what it did
// not compare.
func TestCheckLive(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bank.db")
	sqliteFile(t, path, rowsDDL)
	before, _ := os.ReadFile(path)
	text, errs, code := run(t, dir, nil, "check", "bank.db", "--live")
	for _, want := range []string{
		"4 rows differ from the history: 4 live rows, 5 rows with a history, 7 versions",
		"1 changed without a version", "1 without a history", "1 gone without a delete", "1 still there after a delete",
		"not recorded: secret\n", "not compared: there is no table bank_gone, and not one other table with its columns",
		"- bank_account/2@1  changed without a version  last version 2026-03-01 09:00:01\n    ~ /owner  \"bob\" → \"bobby\"\n",
		"next: asof log bank.db bank_account/2 -p",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s%s", want, text, errs)
		}
	}
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	out, _, code := run(t, dir, nil, "check", "bank.db", "--live", "--json")
	var x struct {
		Rows, Streams, Events int
		Found                 []struct {
			Stream, Verdict string
			Columns         []struct{ Column, Recorded, Live string }
		}
	}
	if err := json.Unmarshal([]byte(out), &x); err != nil || code != 1 || x.Rows != 4 || x.Streams != 5 || x.Events != 7 || len(x.Found) != 4 {
		t.Fatalf("%v, exit %d: %s", err, code, out)
	}
	if f := x.Found[0]; f.Stream != "bank_account/2" || f.Verdict != "changed" || f.Columns[0].Recorded != "bob" || f.Columns[0].Live != "bobby" {
		t.Errorf("%+v", f)
	}
	info, _, _ := run(t, dir, nil, "info", "bank.db")
	if !strings.Contains(info, "live rows   bank_account; asof check --live compares them\n") || !strings.Contains(info, "not compared: bank_historicalgone: there is no table") {
		t.Error(info)
	}
	if after, _ := os.ReadFile(path); string(before) != string(after) {
		t.Error("the store was changed")
	}
}

// TestCheckLiveIsGreen checks that a store is only found good if all of it was compared.
func TestCheckLiveIsGreen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bank.db")
	sqliteFile(t, path, append(rowsDDL,
		"UPDATE bank_account SET owner = 'bob' WHERE id = 2", "DELETE FROM bank_account WHERE id > 3", "INSERT INTO bank_account VALUES(3, 'cid', 30, '')"))
	text, _, code := run(t, dir, nil, "check", "bank.db", "--live")
	if code != 1 || !strings.HasPrefix(text, "no difference found, but 1 table was not compared in full: 3 live rows") {
		t.Errorf("exit %d: %s", code, text)
	}
	text, _, code = run(t, dir, nil, "check", "bank.db", "--live", "--allow-empty")
	if code != 0 || !strings.HasPrefix(text, "every compared row agrees with its history: ") {
		t.Errorf("exit %d: %s", code, text)
	}
	sqliteFile(t, path, []string{"DROP TABLE bank_historicalgone"})
	if text, _, code = run(t, dir, nil, "check", "bank.db", "--live"); code != 0 {
		t.Errorf("exit %d: %s", code, text)
	}
	sqliteFile(t, path, []string{"DROP TABLE bank_account"})
	text, _, code = run(t, dir, nil, "check", "bank.db", "--live", "--allow-empty")
	if !strings.HasPrefix(text, "no row was compared: ") {
		t.Errorf("exit %d: %s", code, text)
	}
}

// TestCheckLiveRefuses checks what cannot be asked of live rows.
func TestCheckLiveRefuses(t *testing.T) {
	dir := t.TempDir()
	sqliteFile(t, filepath.Join(dir, "bank.db"), rowsDDL)
	for _, d := range write.Dialects() {
		if d.Name == "broadway" {
			if err := d.Write(t.Context(), filepath.Join(dir, "events.db"), demo.Shop(50)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, args := range [][]string{
		{"bank.db", "--good", "a=state.x"}, {"bank.db", "--at", "2026-03-01"}, {"bank.db", "--shard", "1/2"}, {"events.db"},
	} {
		_, errs, code := run(t, dir, nil, append([]string{"check", "--live"}, args...)...)
		if code != exitUsage || !strings.Contains(errs, "hint: ") {
			t.Errorf("%q exits %d: %s", args, code, errs)
		}
	}
}

// TestCheckLivePresence says that only the existence of rows is compared where the history
// has no last state.
func TestCheckLivePresence(t *testing.T) {
	dir := t.TempDir()
	sqliteFile(t, filepath.Join(dir, "trail.db"), []string{
		"CREATE TABLE items(id integer PRIMARY KEY, name text)",
		"CREATE TABLE versions(id integer PRIMARY KEY, item_type text, item_id integer, event text, whodunnit text, object text, created_at datetime)",
		"INSERT INTO versions VALUES(1, 'Item', 1, 'create', NULL, NULL, '2026-03-01 09:00:00')",
		"INSERT INTO items VALUES(1, 'a')",
	})
	text, errs, code := run(t, dir, nil, "check", "trail.db", "--live")
	for _, want := range []string{
		"no row was compared: 1 live row, 1 row with a history, 1 version",
		"compared only which rows exist, not their columns: without object_changes, the last version is not recorded",
	} {
		if !strings.Contains(text, want) || code != 1 {
			t.Errorf("it does not say %q, exit %d:\n%s%s", want, code, text, errs)
		}
	}
	text, _, _ = run(t, dir, nil, "info", "trail.db")
	if !strings.Contains(text, "only which rows exist, of Item: ") {
		t.Error(text)
	}
}
