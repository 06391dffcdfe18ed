package cmd

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReleasesOfARepository reads the tags of a repository whose configuration would run a
// command, and finds it unchanged.
func TestReleasesOfARepository(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	dir := t.TempDir()
	repo := filepath.Join(dir, "repo")
	git := func(args ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-C", dir}, args...)...)
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_COMMITTER_DATE=2026-01-21T18:00:00Z", "GIT_AUTHOR_DATE=2026-01-21T18:00:00Z")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "repo")
	git("-C", "repo", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "x")
	git("-C", "repo", "tag", "v2.3.0")
	ran := filepath.Join(dir, "ran")
	for _, key := range []string{"core.fsmonitor", "core.pager", "pager.for-each-ref", "core.sshCommand"} {
		git("-C", "repo", "config", key, "touch "+ran)
	}
	writeTestFile(t, filepath.Join(repo, ".git", "hooks", "post-index-change"), "#!/bin/sh\ntouch "+ran+"\n")
	before := listFiles(t, repo)
	var out, errs bytes.Buffer
	if code := Run(t.Context(), []string{"demo"}, trial(dir, io.Discard, &errs)); code != 0 {
		t.Fatal(errs.String())
	}
	code := Run(t.Context(), []string{"check", "asof-demo.db", "--explain", "--releases", "git:repo"}, trial(dir, &out, &errs))
	if code != exitFindings || !strings.Contains(out.String(), "    7  v2.3.0  2026-01-21 18:00:00  of ") {
		t.Errorf("exit %d: %s%s", code, out.String(), errs.String())
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a command of the repository ran")
	}
	if after := listFiles(t, repo); after != before {
		t.Errorf("the repository has\n%s\nbefore\n%s", after, before)
	}
}

// listFiles lists the files of a folder with their sizes and times.
func listFiles(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			b.WriteString(path + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
