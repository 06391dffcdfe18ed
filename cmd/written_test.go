package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"
)

// A failingWriter takes some bytes and then fails.
type failingWriter struct {
	room int
	err  error
}

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) <= w.room {
		w.room -= len(p)
		return len(p), nil
	}
	n := w.room
	w.room = 0
	return n, w.err
}

// answers is a command line for every verb that prints something, and how it exits.
var answers = []struct {
	code int
	line string
}{
	{0, "info shop.db"},
	{0, "init shop.db --print"},
	{0, "streams shop.db"},
	{0, "log shop.db cart-42"},
	{0, "log shop.db --all --json"},
	{0, "replay shop.db cart-42"},
	{0, "show shop.db cart-42@3"},
	{0, "diff shop.db cart-42@3..9"},
	{1, "diff shop.db cart-42@3..9 --exit-code"},
	{0, "diff shop.db --all 10 20"},
	{0, "blame shop.db cart-42"},
	{0, "trace shop.db cart-42@3"},
	{0, "why shop.db cart-42 /qty"},
	{0, "bisect shop.db cart-42 --bad state.qty>=3"},
	{1, "bisect shop.db cart-42 --bad state.qty>=3 --exit-code"},
	{0, "bisect shop.db --all --bad state.qty>=3"},
	{1, "check shop.db --bad n=state.qty>=3"},
	{1, "check shop.db --bad n=state.qty>=3 --json"},
	{1, "check shop.db --bad n=state.qty>=3 --junit -"},
	{1, "merge-reports report.json"},
	{0, "mine shop.db"},
	{0, "shrink shop.db cart-42 --bad state.qty>=3"},
	{0, "shrink shop.db cart-42 --bad state.qty>=3 --format ndjson --out -"},
	{0, "whatif shop.db cart-42 --drop 2"},
	{0, "report shop.db cart-42 -o page.html"},
	{0, "report shop.db cart-42 -o -"},
	{0, "query shop.db SELECT(id)FROM(events)"},
	{1, "drift shop.db --fold merge --against shop.db --table asof_events --key stream --map category=/qty"},
	{0, "materialize shop.db --fold merge --to read.sqlite"},
	{0, "materialize shop.db --fold merge --to read/ --shard 1/2"},
	{0, "query shop.db SELECT(id)FROM(events) -o parquet"},
	{0, "query shop.db --tables"},
	{0, "query shop.db SELECT(id)FROM(events) --explain"},
	{0, "audit export shop.db -o csv"},
	{0, "audit verify bundle --vkey audit.key.pub"},
	{0, "audit prove bundle cart-1@1"},
	{0, "audit sample bundle --seed x --n 1"},
	{0, "audit seal shop.db --log seals --key audit.key"},
	{0, "audit keygen --out new.key"},
	{0, "cache info"},
	{0, "cache verify shop.db cart-42"},
	{0, "bisect log"},
	{0, "mcp --skill"},
	{0, "completion bash"},
	{0, "demo made"},
	{0, "help check"},
	{0, "check --help"},
	{0, "--version"},
}

// silent are the verbs that print nothing of their own.
var silent = []string{"bisect replay", "bisect reset", "cache clear", "browse"}

func TestEveryVerbIsAsked(t *testing.T) {
	a := &app{IO: trial(t.TempDir(), io.Discard, io.Discard), ctx: context.Background()}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		verb := strings.TrimPrefix(c.CommandPath(), "asof ")
		asked := slices.ContainsFunc(answers, func(l struct {
			code int
			line string
		},
		) bool {
			return strings.HasPrefix(l.line+" ", verb+" ")
		})
		if !c.HasSubCommands() && !asked && !slices.Contains(silent, verb) {
			t.Errorf("no command line asks %s", verb)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(a.command(nil))
}

// TestOutputReaderLeaves: a reader that stops changes no exit code and causes no
// message, and where an answer can't be written, that is an error, for every verb.
func TestOutputReaderLeaves(t *testing.T) {
	t.Parallel()
	dir := outputFolder(t)
	run := func(line string, out io.Writer) (code int, said string) {
		for _, name := range []string{"new.key", "new.key.pub"} {
			_ = removeAll(filepath.Join(dir, name))
		}
		var errs bytes.Buffer
		code = Run(t.Context(), strings.Fields(line), trial(dir, out, &errs))
		return code, errs.String()
	}
	var report bytes.Buffer
	run("check shop.db --bad n=state.qty>=3 --json", &report)
	writeTestFile(t, filepath.Join(dir, "report.json"), report.String())
	run("bisect shop.db cart-42 --run true", io.Discard) // which bisect log prints
	for _, l := range answers {
		var whole bytes.Buffer
		code, said := run(l.line, &whole)
		if code != l.code {
			t.Fatalf("asof %s exits %d, want %d: %s", l.line, code, l.code, said)
		}
		for _, room := range []int{0, 20} {
			if room >= whole.Len() {
				continue
			}
			code, said = run(l.line, &failingWriter{room, syscall.EPIPE})
			if code != l.code || strings.Contains(said, "asof:") {
				t.Errorf("asof %s, read no further than %d bytes, exits %d, want %d: %s", l.line, room, code, l.code, said)
			}
			code, said = run(l.line, &failingWriter{room, syscall.ENOSPC})
			if code != exitUsage || !strings.Contains(said, "could not be written") {
				t.Errorf("asof %s on a full disk exits %d: %s", l.line, code, said)
			}
		}
	}
}

// TestOutputIsClosed starts the program with streams that are closed or that nobody
// reads.
func TestOutputIsClosed(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no bash")
	}
	dir := outputFolder(t)
	self := selfPath(t)
	for _, l := range []struct {
		code int
		line string
	}{{0, "log shop.db --all"}, {1, "check shop.db --bad 'n=state.qty>=3'"}, {0, "help check"}} {
		for _, to := range []string{">&-", "2>&-", ">&- 2>&-", "| true", "2>&1 | true", "> >(exec true); wait"} {
			script := fmt.Sprintf("asof() { (exec -a asof %q \"$@\"); }; asof %s %s", self, l.line, to)
			code := "; exit ${PIPESTATUS[0]}"
			if strings.Contains(to, "wait") {
				script, code = strings.Replace(script, "; wait", "", 1), "; exit $?"
			}
			c := exec.Command(sh, "-c", script+code)
			c.Dir = dir
			c.Env = append(c.Environ(), "XDG_CACHE_HOME="+dir+"/cache", "ASOF_CEILING="+filepath.Dir(dir))
			out, err := c.CombinedOutput()
			got := 0
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				got = exit.ExitCode()
			}
			if got != l.code {
				t.Errorf("asof %s %s exits %d, want %d: %s", l.line, to, got, l.code, out)
			}
		}
	}
}
