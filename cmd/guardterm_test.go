//go:build linux

package cmd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// TestEndedOnScreen ends browse from outside: its child process, or the process that the
// user started, which puts the terminal back.
func TestEndedOnScreen(t *testing.T) {
	for name, end := range map[string]func(*testing.T, int) error{
		"child killed": func(t *testing.T, pid int) error { return syscall.Kill(childOf(t, pid), syscall.SIGKILL) },
		"ended":        func(_ *testing.T, pid int) error { return syscall.Kill(pid, syscall.SIGTERM) },
		"hung up":      func(_ *testing.T, pid int) error { return syscall.Kill(pid, syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) { endOnScreen(t, end) })
	}
}

func endOnScreen(t *testing.T, how func(*testing.T, int) error) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	c := exec.Command("asof", "browse", "asof-demo.db")
	c.Dir = dir
	c.Env = append(os.Environ(), "TERM=xterm", "TZ=UTC", "XDG_CACHE_HOME="+dir)
	screen, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	defer tty.Close()
	if err := pty.Setsize(screen, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdin, c.Stdout, c.Stderr = tty, tty, tty
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(2*time.Minute, func() { _ = c.Process.Kill() })
	defer stuck.Stop()
	var shown bytes.Buffer
	read := func(text string) {
		b := make([]byte, 4096)
		for from := shown.Len(); !strings.Contains(shown.String()[from:], text); {
			n, err := screen.Read(b)
			if err != nil {
				t.Fatalf("the terminal does not show %q: %v", text, err)
			}
			shown.Write(b[:n])
		}
	}
	read("cart-1")
	if err := how(t, c.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil {
		t.Error("the run ended well")
	}
	const end = "the end of the test"
	if _, err := tty.WriteString(end); err != nil {
		t.Fatal(err)
	}
	if read(end); !strings.Contains(shown.String(), "\x1b[?1049l") {
		t.Error("the terminal still has the screen of the program")
	}
	after, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(after, before) {
		t.Errorf("the terminal is %+v, it was %+v", after, before)
	}
}

// childOf returns the one child of a process.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	if len(tasks) == 0 {
		_ = syscall.Kill(pid, syscall.SIGTERM)
		t.Skip("this system does not list the children of a process")
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		if all := strings.Fields(string(text)); len(all) > 0 {
			child, err := strconv.Atoi(all[0])
			if err != nil {
				t.Fatal(err)
			}
			return child
		}
	}
	t.Fatal("the run has no child process")
	return 0
}

// TestNoScreen asks browse for what it can't show: it says so without a screen, with the
// exit code of the verbs.
func TestNoScreen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	for _, c := range []struct {
		term string
		args []string
		code int
		says string
	}{
		{"xterm", []string{"nosuch"}, exitNotFound, `no stream "nosuch"`},
		{"xterm", []string{"cart-42@99"}, exitNotFound, `no version "99"`},
		{"xterm", []string{"cart-42", "--fold", "nosuch.js"}, exitUsage, "nosuch.js"},
		{"dumb", nil, exitUsage, "needs a terminal"},
	} {
		cmd := exec.Command("asof", append([]string{"browse", "asof-demo.db"}, c.args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TERM="+c.term, "TZ=UTC", "XDG_CACHE_HOME="+dir)
		var said bytes.Buffer
		cmd.Stderr = &said
		screen, tty, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdin, cmd.Stdout = tty, tty
		stuck := time.AfterFunc(2*time.Minute, func() { _ = screen.Close(); _ = cmd.Process.Kill() })
		_ = cmd.Run() // the code says how it ended
		stuck.Stop()
		tty.Close()
		screen.Close()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(said.String(), c.says) {
			t.Errorf("with TERM=%s, browse %v ends with %d, not %d, and says:\n%s", c.term, c.args, code, c.code, &said)
		}
	}
}
