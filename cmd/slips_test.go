package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// slipsFile has a line for each slip, and below it the answer: notes, errors and hints,
// or "answered". A slip is taken, or the lines of its hint are answered.
const slipsFile = "../testdata/slips.txt"

// TestSlips runs the table of slips. With -update, it writes their answers again; either way
// the lines they suggest must work.
func TestSlips(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile(slipsFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	demoIn(t, dir, "--events", "600")
	var b strings.Builder
	slips := 0
	for line := range strings.SplitSeq(string(table), "\n") {
		switch {
		case strings.HasPrefix(line, "$ "):
			slips++
			out, code := runHere(dir, words(strings.TrimPrefix(line, "$ asof ")))
			said := spoken(out)
			fmt.Fprintf(&b, "%s\n%s", line, strings.ReplaceAll(said, dir+"/", ""))
			if code <= 1 {
				continue
			}
			lines := shown(out)
			if len(lines) == 0 && !strings.Contains(out, "STREAM") && !strings.Contains(out, "asof --version") {
				t.Errorf("%s\ngets no line to paste:\n%s", line, said)
			}
			for _, right := range lines {
				if out, code := runHere(dir, words(strings.TrimPrefix(right, "asof "))); code > 1 {
					t.Errorf("%s\nsuggests %s, which exits %d:\n%s", line, right, code, out)
				}
			}
		case line == "" || strings.HasPrefix(line, "#"):
			b.WriteString(line + "\n")
		}
	}
	got := strings.TrimRight(b.String(), "\n") + "\n"
	if *update {
		if err := os.WriteFile(slipsFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != string(table) {
		was := strings.Split(string(table), "\n")
		for i, line := range strings.Split(got, "\n") {
			if i >= len(was) || line != was[i] {
				t.Errorf("%s:%d: the program prints\n%s", filepath.Base(slipsFile), i+1, line)
				break
			}
		}
	}
	if slips < 60 {
		t.Errorf("only %d slips", slips)
	}
}

// spoken is what the program says beside an answer: notes about how it read a line or
// what it may mean, and
// errors.
func spoken(out string) string {
	var b strings.Builder
	failed := false
	for line := range strings.SplitSeq(out, "\n") {
		failed = failed || strings.HasPrefix(line, "asof: ")
		if failed && line != "" || regexp.MustCompile(`^note: .*\b(?:read as|did you mean)\b|^ {6}asof `).MatchString(line) {
			b.WriteString(line + "\n")
		}
	}
	if b.Len() == 0 {
		return "answered\n"
	}
	return b.String()
}

// TestSlipsOfEveryVerb makes each slip in every verb that has what is slipped: it is
// taken, with the answer of the right line, or the line of its hint has that answer.
func TestSlipsOfEveryVerb(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir, "--events", "600")
	points := []string{"log", "show", "replay", "blame", "trace"}
	paths := []string{"log", "replay", "whatif --drop 10"}
	exprs := []string{"bisect shop cart-42 --bad", "shrink shop cart-42 --bad", "bisect shop cart-42 --good"}
	var cases [][2]string // slip, right
	add := func(slip, right string) { cases = append(cases, [2]string{slip, right}) }
	for _, v := range append(points, "diff", "bisect --bad 'state.total < 0'", "shrink --bad 'state.total < 0'", "whatif --drop 10") {
		add(v+" cart-42 shop", v+" shop cart-42")
		add(v+" cart-42", v+" shop cart-42")
		add(v+" shop CART_42", v+" shop cart-42")
		add(v+" shop cart-42/", v+" shop cart-42")
		add(v+" asof-demo.bd cart-42", v+" asof-demo.db cart-42")
	}
	for _, v := range points {
		right := v + " shop cart-42@17"
		for _, slip := range []string{" shop cart-42:17", " shop cart-42#17", " shop 'cart-42 @17'", " shop cart-42 @17", " shop cart-42@v17", " shop cart-42@{17}"} {
			add(v+slip, right)
		}
		add(v+" shop cart-42@latest", v+" shop cart-42@head")
		add(v+" shop cart-42^", v+" shop cart-42@head~1")
		add(v+" shop cart-42 --rev 17", v+" shop cart-42 --at 17")
		add(v+" shop cart-42 --at 2026-01-26 11:00", v+" shop cart-42 --at '2026-01-26 11:00'")
		add(v+" shop 39bd720d-0399-53bf-abf0-bc1a1d9c42af", v+" shop cart-42@5")
	}
	for _, v := range paths {
		for _, slip := range []string{"total", ".total", "'$.total'", "state.total"} {
			add(v+" shop cart-42 --path "+slip, v+" shop cart-42 --path /total")
		}
	}
	for _, v := range exprs {
		for _, slip := range []string{"'total < 0'", "'.total < 0'", "'State.total < 0'", "'totl < 0'"} {
			add(v+" "+slip, v+" 'state.total < 0'")
		}
	}
	for _, v := range []string{"log", "blame", "bisect --bad 'state.total < 0'"} {
		add(v+" shop cart-42@28..24", v+" shop cart-42@24..28")
		add(v+" shop cart-42@24...28", v+" shop cart-42@24..28")
		add(v+" shop cart-42@24-28", v+" shop cart-42@24..28")
	}
	for _, v := range []string{"log shop cart-42", "streams shop"} {
		add(v+" -3", v+" --limit 3")
		add(v+" -n 3", v+" --limit 3")
		add(v+" --max-count 3", v+" --limit 3")
	}
	for _, c := range cases {
		run := func(line string) (string, int) { return runHere(dir, words(line+" --no-cache")) }
		want, wantCode := run(c[1])
		got, code := run(c[0])
		if code > 1 {
			lines := shown(got)
			if len(lines) == 0 {
				t.Errorf("$ asof %s\nexits %d with no line to paste:\n%s", c[0], code, got)
				continue
			}
			got, code = runHere(dir, words(strings.TrimPrefix(lines[0], "asof ")))
		}
		if code != wantCode || answered(got) != answered(want) {
			t.Errorf("$ asof %s\nexits %d with\n%s\nbut asof %s exits %d with\n%s", c[0], code, answered(got), c[1], wantCode, answered(want))
		}
	}
}

// answered is an answer without its notes and the commands it shows.
func answered(out string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(out, "\n") {
		if !strings.HasPrefix(line, "note: ") && !strings.Contains(line, "asof ") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
