package cmd

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the program prints into the README")

// TestReadme runs the commands of every ```console block of the README, in order
// and in one folder, and compares what they print. In a block, a line "…" stands
// for any lines. Lines that begin with "$ asof" or "$ go run ." are run in
// process, "$ cat FILE <<EOF" writes a file; other commands are for people.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := string(data)
	block := regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	ran, byHand := 0, 0
	auditor := auditorHas(t)
	out := block.ReplaceAllStringFunc(text, func(b string) string {
		body := block.FindStringSubmatch(b)[1]
		var fresh strings.Builder
		for _, cmd := range commands(body) {
			if cmd.shell != "" && auditor {
				byHand++
				if got := runShell(t, dir, cmd.shell); !matches(cmd.output, got) {
					t.Errorf("$ %s\nprints\n%s\nthe README has\n%s", cmd.shell, got, cmd.output)
				}
			}
			if cmd.args == nil {
				fresh.WriteString(cmd.text + cmd.output)
				cmd.write(t, dir)
				continue
			}
			ran++
			got := runLine(dir, cmd.args)
			if !matches(cmd.output, got) {
				if !*update {
					t.Errorf("$ asof %s\nprints\n%s\nthe README has\n%s", strings.Join(cmd.args, " "), got, cmd.output)
				}
				cmd.output = got
			}
			fresh.WriteString(cmd.text + cmd.output)
		}
		return "```console\n" + fresh.String() + "```"
	})
	if ran == 0 {
		t.Error("the README has no commands to run")
	}
	if auditor && byHand < 3 {
		t.Errorf("%d steps of an auditor were run by hand", byHand)
	}
	if *update && out != text {
		if err := os.WriteFile("../README.md", []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// command is one line of a session and what it prints.
type command struct {
	text   string   // the line, and the lines of a here-document
	args   []string // of asof; nil: not run
	shell  string   // what a shell runs
	output string
}

func commands(body string) []command {
	var all []command
	lines := strings.SplitAfter(body, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if !strings.HasPrefix(line, "$ ") {
			if len(all) > 0 && (all[len(all)-1].args != nil || all[len(all)-1].shell != "") {
				all[len(all)-1].output += line
			} else {
				all = append(all, command{text: line})
			}
			continue
		}
		c := command{text: line}
		rest := strings.TrimPrefix(strings.TrimSpace(line), "$ ")
		rest = strings.Replace(rest, "go run . ", "asof ", 1)
		if args, ok := strings.CutPrefix(rest, "asof "); ok {
			args, _, _ = strings.Cut(args, "   #")
			c.args = words(args)
		}
		if regexp.MustCompile(`^(openssl|grep|\(cd) `).MatchString(rest) {
			c.shell = rest
		}
		if strings.Contains(line, "<<EOF") || strings.Contains(line, "<<'EOF'") {
			for i++; i < len(lines); i++ {
				if c.text += lines[i]; lines[i] == "EOF\n" {
					break
				}
			}
		}
		all = append(all, c)
	}
	return all
}

// write makes the file of "$ cat > FILE <<EOF".
func (c command) write(t *testing.T, dir string) {
	m := regexp.MustCompile(`(?s)^\$ cat > (\S+) <<'?EOF'?\n(.*)EOF\n$`).FindStringSubmatch(c.text)
	if m == nil {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, m[1]), []byte(m[2]), 0o644); err != nil {
		t.Fatal(err)
	}
}

// auditorHas reports whether the tools of an auditor are installed.
func auditorHas(t *testing.T) bool {
	for _, tool := range []string{"sh", "openssl", "sha256sum", "grep", "cut"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("not all of the README is run: %v", err)
			return false
		}
	}
	if out, err := exec.Command("openssl", "version").Output(); err != nil || !strings.HasPrefix(string(out), "OpenSSL 3") {
		t.Logf("not all of the README is run: it needs OpenSSL 3, not %s", out)
		return false
	}
	return true
}

func runShell(t *testing.T, dir, line string) string {
	c := exec.Command("sh", "-c", line)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("$ %s: %v", line, err)
	}
	return string(out)
}

// words splits a command line as a shell does, as far as the README needs it.
func words(s string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?:[^\s'"]+|'[^']*'|"[^"]*")+`).FindAllString(s, -1) {
		all = append(all, regexp.MustCompile(`'([^']*)'|"([^"]*)"`).ReplaceAllString(m, "$1$2"))
	}
	return all
}

// runLine returns what a command prints, on both streams, as a terminal would
// show it without colours.
func runLine(dir string, args []string) string {
	var out bytes.Buffer
	Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &out, Err: &out, Dir: dir,
		Env:      func(k string) string { return map[string]string{"TZ": "UTC", "ASOF_CEILING": filepath.Dir(dir)}[k] },
		Now:      func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
		Terminal: func(io.Writer) (int, bool) { return 100, false },
		Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
	})
	return strings.ReplaceAll(out.String(), dir+string(filepath.Separator), "")
}

// matches compares line by line; a line "…" stands for any lines.
func matches(want, got string) bool {
	return linesMatch(strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n"))
}

func linesMatch(want, got []string) bool {
	for i, line := range want {
		if line == "…\n" {
			for j := i; j <= len(got); j++ {
				if linesMatch(want[i+1:], got[j:]) {
					return true
				}
			}
			return false
		}
		if i >= len(got) || line != got[i] {
			return false
		}
	}
	return len(want) == len(got)
}

// TestReadmeNamesTests looks for the tests that the README says hold something.
func TestReadmeNamesTests(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		code.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`).FindAllString(string(readme), -1)
	if len(names) == 0 {
		t.Error("the README names no test")
	}
	for _, name := range names {
		if !strings.Contains(code.String(), "func "+name+"(") {
			t.Errorf("there is no %s", name)
		}
	}
}
