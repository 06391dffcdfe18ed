package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"asof/fixtures/demo"
	"asof/fixtures/testmain"
)

// runHere runs a command line in a folder, and returns what it prints and how it
// exits.
func runHere(dir string, args []string) (out string, code int) {
	var b bytes.Buffer
	code = Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &b, Err: &b, Dir: dir,
		Env:      func(k string) string { return map[string]string{"TZ": "UTC"}[k] },
		Now:      func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
		Terminal: func(io.Writer) (int, bool) { return 120, false },
		Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
	})
	return b.String(), code
}

// demos are the folders that demo has written, by its arguments.
var demos sync.Map // of func() (folder fs.FS, err error)

// demoIn writes into a folder what demo writes, with these flags. It runs once for all
// tests: the others have a copy.
func demoIn(t testing.TB, dir string, flags ...string) {
	t.Helper()
	if err := copyDemo(dir, flags...); err != nil {
		t.Fatal(err)
	}
	testmain.Age(t, filepath.Join(dir, demo.Store))
}

func copyDemo(dir string, flags ...string) error {
	made, _ := demos.LoadOrStore(strings.Join(flags, " "), sync.OnceValues(func() (fs.FS, error) {
		first, err := os.MkdirTemp("", "demo")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(first) //nolint:errcheck // a folder of temporary files
		if out, code := runHere(first, append([]string{"demo"}, flags...)); code != exitOK {
			return nil, errors.New(out)
		}
		folder := fstest.MapFS{}
		return folder, fs.WalkDir(os.DirFS(first), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(filepath.Join(first, path))
			folder[path] = &fstest.MapFile{Data: data, Mode: 0o644}
			return err
		})
	}))
	folder, err := made.(func() (fs.FS, error))()
	if err != nil {
		return err
	}
	return os.CopyFS(dir, folder)
}

// shown are whole commands in what was printed: those to type next, and those of
// hints. A command with a word in capitals, or with …, is a form to fill in.
func shown(out string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^(?:next: |      |hint: (?:write |run |try )?)(asof [a-z][^\n]*)$`).FindAllStringSubmatch(out, -1) {
		if !regexp.MustCompile(`\b[A-Z]{2,}\b|…| (lists|shows|makes|prints|says) `).MatchString(m[1]) {
			all = append(all, m[1])
		}
	}
	return all
}

// TestHints runs every command that an answer or an error shows, and every one
// that these show in turn: each has to do what it says, which is to answer.
func TestHints(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir, "--events", "600")
	lines := []string{
		"asof bisect asof-demo.db cart-42 --bad 'state.total < 0'",
		"asof bisect asof-demo.db cart-42 --good 'state.total >= 0'",
		"asof bisect asof-demo.db --all --bad 'state.total < 0'",
		"asof bisect asof-demo.db order-42 --bad 'state.total < 0' --fold merge",
		"asof shrink asof-demo.db cart-42 --bad 'state.total < 0'",
		"asof check asof-demo.db",
		"asof check asof-demo.db --bad 'below=state.total < 0'",
		"asof check asof-demo.db --good 'fine=state.total >= 0' --projection cart",
		"asof diff asof-demo.db --all 2026-02-01 2026-01-10",
		"asof audit keygen --name shop --out audit.key",
		"asof audit export asof-demo.db --key audit.key --out q1",
		"asof audit prove q1 order-2@3 --out order-2.proof",
		"asof check asof-demo.db --bad 'state.total < 0'",
	}
	// A stream that looks like a flag, in a store that needs flags to be opened.
	mapped := "--map 'stream=sid,version=no,type=kind,data=body'"
	var rows strings.Builder
	for i := range 3 {
		fmt.Fprintf(&rows, "{\"sid\":\"-x\",\"no\":%d,\"kind\":\"A\",\"body\":{\"n\":%d}}\n", i+1, i+1)
	}
	if err := os.WriteFile(filepath.Join(dir, "odd.ndjson"), []byte(rows.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"asof bisect --bad 'state.n > 1' %s -- odd.ndjson -x",
		"asof bisect --fold merge --fold 's.n = 1' %s -- odd.ndjson -x",
		"asof bisect odd.ndjson --all --bad 'state.n > 1' --fold merge %s",
		"asof check odd.ndjson --bad 'many=state.n > 1' --fold 's.n = (s.n ?? 0) + 1' %s",
		"asof shrink --bad 'state.n > 1' %s -- odd.ndjson -x",
	} {
		lines = append(lines, fmt.Sprintf(line, mapped))
	}
	ran := 0
	seen := map[string]bool{}
	for len(lines) > 0 {
		line := lines[0]
		lines = lines[1:]
		if seen[line] {
			continue
		}
		seen[line] = true
		written, _ := filepath.Glob(filepath.Join(dir, "*.test.js"))
		for _, file := range written { // by another command that was shown
			os.Remove(file)
		}
		out, code := runHere(dir, words(strings.TrimPrefix(line, "asof ")))
		if next := shown(out); code <= 1 {
			lines = append(lines, next...)
			ran++
			continue
		} else if code == 2 && ran < 13 { // an error that was asked for: its hint must answer
			lines = append(lines, next...)
			ran++
			continue
		}
		t.Errorf("$ %s\nexits %d:\n%s", line, code, out)
	}
	if ran < 25 {
		t.Errorf("only %d commands were shown", ran)
	}
}
