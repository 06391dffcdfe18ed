package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"runtime"

	"asof/cmd/mcp"
	"asof/replay/files"
)

// leastToken is the length of the shortest token, in bytes.
const leastToken = 16

// serveHTTP serves agents over HTTP on this machine until the run is interrupted.
func (a *app) serveHTTP(s *mcp.Server, address, tokenFile string) error {
	if tokenFile == "" {
		return usagef("give --token-file FILE; a file that does not exist is written, with a new token", "--http needs a token")
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return usagef("write HOST:PORT, such as 127.0.0.1:8125; port 0 is any free one", "bad --http %q", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usagef("listen on 127.0.0.1; ssh -L or another tunnel reaches it from elsewhere", "--http %s would listen beyond this machine", address)
	}
	token, err := a.mcpToken(tokenFile)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(a.ctx, "tcp", address)
	if err != nil {
		return usagef("name another port, or 0 for any free one", "--http %s: %v", address, err)
	}
	a.note("serving", fmt.Sprintf("http://%s%s; requests need the header Authorization: Bearer TOKEN, with the token of %s", l.Addr(), mcp.HTTPPath, tokenFile))
	if err := s.ServeHTTP(a.ctx, l, token); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// mcpToken reads the token of a file that nobody else can read. If the file does not
// exist, it is written with a new token.
func (a *app) mcpToken(name string) (string, error) {
	path := a.path(name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := a.mayWrite(output{name: name}); err != nil {
			return "", err
		}
		return newToken(path)
	}
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" { // which has no such permissions
		return "", usagef("chmod 600 "+name, "others can read the token of %s", name)
	}
	text, err := files.Small(a.ctx, path, 4<<10)
	if err != nil {
		return "", err
	}
	token := string(bytes.TrimSpace(text))
	if len(token) < leastToken {
		return "", usagef("remove the file, and a new one is written", "the token of %s has less than %d characters", name, leastToken)
	}
	return token, nil
}

func newToken(path string) (string, error) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	token := hex.EncodeToString(random[:])
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(token + "\n")
	return token, errors.Join(err, f.Close())
}
