package cmd

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestReadmeByHand runs the auditor's walk-through of the README whole: the
// commands of asof as TestReadme does, and those for sha256sum and openssl by a
// shell, and compares what these print.
func TestReadmeByHand(t *testing.T) {
	for _, tool := range []string{"bash", "sha256sum", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	if out, err := exec.Command("openssl", "version").Output(); err != nil || !strings.HasPrefix(string(out), "OpenSSL 3") {
		t.Skipf("needs OpenSSL 3, not %s", out)
	}
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(data), "\n## Audit trails\n")
	if !ok {
		t.Skip("the README has no walk-through yet")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	dir := t.TempDir()
	runLine(dir, []string{"demo"})
	byHand := 0
	for i, block := range strings.Split(section, "```") {
		body, isConsole := strings.CutPrefix(block, "console\n")
		if i%2 == 0 || !isConsole {
			continue
		}
		for _, step := range strings.Split("\n"+body, "\n$ ")[1:] {
			line, want, _ := strings.Cut(step, "\n")
			if rest, ok := strings.CutPrefix(line, "asof "); ok {
				runLine(dir, words(rest))
				continue
			}
			byHand++
			c := exec.Command("bash", "-c", line)
			c.Dir = dir
			got, err := c.CombinedOutput()
			if err != nil || !matches(strings.TrimSuffix(want, "\n")+"\n", string(got)) {
				t.Errorf("$ %s\nprints\n%s(%v)\nthe README has\n%s", line, got, err, want)
			}
		}
	}
	if byHand < 3 {
		t.Errorf("%d steps by hand were run", byHand)
	}
}
