package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"asof/replay"
)

// badServer accepts connections and runs serve on each until the test ends.
func badServer(t *testing.T, serve func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			go serve(c)
		}
	}()
	return l.Addr().String()
}

// message builds a message of PostgreSQL's protocol.
func message(kind byte, body ...byte) []byte {
	out := append([]byte{kind}, binary.BigEndian.AppendUint32(nil, uint32(len(body)+4))...)
	return append(out, body...)
}

// TestBadServers checks that no server is waited for indefinitely, and that the error
// describes the problem.
func TestBadServers(t *testing.T) {
	t.Parallel()
	hello := append(message('R', 0, 0, 0, 0), message('Z', 'I')...)
	read := func(c net.Conn) bool {
		_, err := c.Read(make([]byte, 4096))
		return err == nil
	}
	for name, c := range map[string]struct {
		serve func(net.Conn)
		says  string
	}{
		"silent":         {func(net.Conn) {}, "was silent for 50ms"},
		"reads":          {func(c net.Conn) { io.Copy(io.Discard, c) }, "was silent for 50ms"},
		"hangs up":       {func(c net.Conn) { c.Close() }, "can't be reached"},
		"garbles":        {func(c net.Conn) { c.Write(bytes.Repeat([]byte("HTTP/1.1 200 OK\r\n"), 100)) }, "can't be reached"},
		"claims a flood": {func(c net.Conn) { read(c); c.Write([]byte{'R', 0x7f, 0xff, 0xff, 0xff}) }, "can't be reached"},
		"half a message": {func(c net.Conn) { read(c); c.Write([]byte{'R', 0, 0, 0, 99, 1}) }, "was silent for 50ms"},
		"then silent":    {func(c net.Conn) { read(c); c.Write(hello) }, "was silent for 50ms"},
		"then garbles":   {func(c net.Conn) { read(c); c.Write(hello); read(c); c.Write(bytes.Repeat([]byte{0xff}, 100)) }, "open postgres://"},
		"then half a row": {func(c net.Conn) {
			read(c)
			c.Write(hello)
			for read(c) {
				c.Write([]byte{'D', 0, 0, 1})
			}
		}, "was silent for 50ms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := "postgres://u:hunter22@" + badServer(t, c.serve) + "/db?sslmode=disable"
			begun := time.Now()
			o := Options{ServerTimeout: 50 * time.Millisecond}
			if c.says == "can't be reached" { // the server does something, if late
				o.ServerTimeout = time.Minute
			}
			r, err := Open(context.Background(), dsn, o)
			if err == nil {
				r.Close()
				t.Fatal("it was opened")
			}
			var se *replay.StoreError
			if !errors.As(err, &se) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error()+se.Next.String(), "hunter22") {
				t.Errorf("%v (%s), want %q", err, se.Next, c.says)
			}
			if took := time.Since(begun); took > 2*time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestDribblingServer checks that connect_timeout ends a server that sends a little now and
// then.
func TestDribblingServer(t *testing.T) {
	t.Parallel()
	dsn := "postgres://u@" + badServer(t, func(c net.Conn) {
		notice := message('N', append([]byte("SNOTICE\x00Mwait"), 0, 0)...)
		for {
			if _, err := c.Write(notice); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}) + "/db?sslmode=disable&connect_timeout=1"
	_, err := Open(context.Background(), dsn, Options{ServerTimeout: time.Minute})
	if err == nil || !strings.Contains(err.Error(), "it did not answer within 1s") {
		t.Error(err)
	}
}
