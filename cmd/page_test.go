//go:build linux || darwin

package cmd

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"asof/cmd/render"
)

// onTerminal runs asof on a terminal of 80 columns, types keys, and returns what the
// terminal shows and the exit code.
func onTerminal(t *testing.T, dir string, rows uint16, keys string, env []string, args ...string) (screen string, code int) {
	t.Helper()
	c := exec.Command("asof", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "TERM=xterm", "TZ=UTC", "XDG_CACHE_HOME="+dir, "NO_COLOR=1", "PAGER=", "LESS=")
	c.Env = append(c.Env, env...)
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: rows, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	stuck := time.AfterFunc(2*time.Minute, func() { _ = c.Process.Kill() })
	defer stuck.Stop()
	if _, err := tty.WriteString(keys); err != nil {
		t.Fatal(err)
	}
	out, _ := io.ReadAll(tty) // ends with EIO
	err = c.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(out), "\r\n", "\n"), code
}

// TestPager runs answers that are longer or shorter than the terminal with pagers that
// mark the lines that they print.
func TestPager(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	const mark = "ASOF_PAGER=sed s/^/P:/"
	all, cart := []string{"log", "asof-demo.db", "--all"}, []string{"log", "asof-demo.db", "cart-4"}
	whole, _ := onTerminal(t, dir, 24, "", nil, append(cart, "--no-pager")...)
	lines := uint16(strings.Count(whole, "\n"))
	for _, c := range []struct {
		name  string
		rows  uint16
		env   string
		keys  string
		args  []string
		paged bool
		code  int
		has   string
	}{
		{"long", 24, mark, "", all, true, 0, "\nP:3500 "},
		{"of a whole screen", lines + 1, mark, "", cart, false, 0, whole},
		{"a row longer", lines, mark, "", cart, true, 0, " CheckedOut "},
		{"with notes before it", 10, mark, "", []string{"replay", "asof-demo.db", "cart-42"}, true, 0, "P:cart-42@31"},
		{"with findings", 10, mark, "", []string{"check", "asof-demo.db"}, true, 1, "P:7 violations"},
		{"an error", 4, mark, "", []string{"log", "asof-demo.db", "nosuch"}, false, 4, "asof: log: "},
		{"help", 24, mark, "", []string{"log", "--help"}, true, 0, "P:Exit codes:"},
		{"short help", 24, mark, "", []string{"log", "-h"}, false, 0, "More: asof log --help"},
		{"a topic", 24, mark, "", []string{"help", "folds"}, true, 0, "P:"},
		{"not wanted", 24, mark, "", append(all, "--no-pager"), false, 0, "\n3500 "},
		{"JSON", 24, mark, "", append(all, "--json"), false, 0, "{"},
		{"no pager", 24, "ASOF_PAGER=", "", all, false, 0, "\n3500 "},
		{"cat", 24, "ASOF_PAGER=cat", "", all, false, 0, "\n3500 "},
		{"the second variable", 24, "PAGER=sed s/^/P:/", "", all, true, 0, "\nP:3500 "},
		{"not installed", 24, "ASOF_PAGER=nosuchpager -x", "", all, false, 0, "the pager nosuchpager is not installed"},
		{"left early", 24, "ASOF_PAGER=sed -n 's/^/P:/;p;3q'", "", all, true, 0, " ItemAdded "},
		{"left before the findings", 10, "ASOF_PAGER=sed -n 's/^/P:/;p;3q'", "", []string{"check", "asof-demo.db"}, true, 1, "P:7 violations"},
		{"a dialogue", 10, mark, "q\n", []string{"bisect", "asof-demo.db", "cart-42"}, false, 0, "stopped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			screen, code := onTerminal(t, dir, c.rows, c.keys, []string{c.env}, c.args...)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			if paged := strings.Contains(screen, "P:"); paged != c.paged {
				t.Errorf("paged: %v", paged)
			}
			if !strings.Contains(screen, c.has) {
				t.Errorf("no %q", c.has)
			}
			if strings.Contains(screen, "asof:") && c.code <= 1 {
				t.Error("an error")
			}
			if t.Failed() {
				t.Log(screen[:min(len(screen), 2000)])
			}
		})
	}
	dumb, _ := onTerminal(t, dir, 24, "", []string{"TERM=dumb", "PAGER=sed s/^/P:/"}, all...)
	if strings.Contains(dumb, "P:") {
		t.Error("output is paged on a dumb terminal")
	}
	colored, _ := onTerminal(t, dir, 24, "", []string{mark, "NO_COLOR="}, all...)
	if !strings.Contains(colored, "P:") || !strings.Contains(colored, "\x1b[") {
		t.Error("the pager gets no colors")
	}
}

// TestPagerInterrupted presses Ctrl-C while a pager shows a long answer: the work stops,
// and the pager runs until the user leaves it.
func TestPagerInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	pager := "ASOF_PAGER=trap '' INT; read line; echo \"P:$line\"; kill -INT $PPID; sleep 1; sed -n '$s/^/end:/p'"
	screen, code := onTerminal(t, dir, 24, "", []string{pager}, "log", "asof-demo.db", "--all")
	if code != exitInterrupted || !strings.Contains(screen, "P:") || !strings.Contains(screen, "end:") || strings.Contains(screen, "asof:") {
		t.Errorf("exit %d\n%s", code, screen)
	}
}

// TestTourOnTerminal waits for Enter after each step, and stops at q.
func TestTourOnTerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	color := []string{"NO_COLOR=", "ASOF_PAGER=sed s/^/P:/"}
	screen, code := onTerminal(t, dir, 24, strings.Repeat("\n", len(tour())-1), color, "demo", "--tour")
	if code != 0 || strings.Count(screen, "Enter for the next step, q to quit") != len(tour())-1 || !strings.Contains(screen, "The cause is") {
		t.Errorf("exit %d\n%s", code, screen)
	}
	if !strings.Contains(screen, "\x1b[31m-") || strings.Contains(screen, "P:") {
		t.Errorf("no colors, or a pager:\n%s", screen)
	}
	for line := range strings.Lines(screen) {
		if w := render.Columns(ansi.Strip(strings.TrimRight(line, "\r\n"))); w > 80 && strings.Contains(line, "CheckedOut") {
			t.Errorf("%d columns: %s", w, line)
		}
	}
	screen, code = onTerminal(t, dir, 24, "\nq\n", color, "demo", "--tour")
	if code != 0 || strings.Count(screen, "$ ") != 2 || strings.Contains(screen, "The cause is") {
		t.Errorf("exit %d\n%s", code, screen)
	}
}
