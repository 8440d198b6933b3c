package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// childFlag is the first argument of a process that this one starts.
const childFlag = "-child"

// child is a server in a process of its own.
type child struct {
	url     string
	command *exec.Cmd
	stdin   io.Closer
}

// startChild starts this program as a server. It ends when its standard input does,
// and so not later than this process.
func startChild(args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(self, append([]string{childFlag}, args...)...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%v did not start: %w", args, err)
	}
	return &child{url: strings.TrimSpace(line), command: command, stdin: stdin}, nil
}

func (c *child) stop() {
	c.stdin.Close()
	c.command.Wait()
}

// usage asks the child what it has used; with memory, which takes the child some work.
func (c *child) usage(memory bool) (u usage, err error) {
	return u, c.get(fmt.Sprint(usagePath, "?memory=", memory), &u)
}

// get asks the child for something.
func (c *child) get(path string, answer any) error {
	resp, err := http.Get(c.url + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(answer)
}

// post tells the child to do something, and waits until it is done.
func (c *child) post(ctx context.Context, path string, form url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		message, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s", bytes.TrimSpace(message))
	}
	return nil
}

// serveChild is the whole life of a child.
func serveChild(args []string) error {
	handler, err := childHandler(args[0], args[1:])
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+usagePath, serveUsage)
	mux.Handle("/", handler)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%v\n", listener.Addr())
	server := http.Server{Handler: mux}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func childHandler(role string, args []string) (http.Handler, error) {
	switch role {
	case "upstream":
		rate, err := strconv.ParseFloat(args[0], 64)
		if err != nil || rate <= 0 {
			return nil, fmt.Errorf("no rate: %s", args[0])
		}
		return upstream{every: time.Duration(float64(time.Second) / rate)}, nil
	case "clients":
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return nil, err
		}
		return newClients(n).handler(), nil
	}
	target, err := url.Parse(args[0])
	if err != nil {
		return nil, err
	}
	return newWay(role, target)
}

const usagePath = "/usage"

// usage is what a process has used.
type usage struct {
	CPU    time.Duration // user and system, since it began
	Memory uint64        // bytes of heap and stacks that are reachable now
}

func serveUsage(w http.ResponseWriter, r *http.Request) {
	u := usage{CPU: cpuTime()}
	if r.FormValue("memory") == "true" {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		u.Memory = m.HeapAlloc + m.StackInuse
	}
	json.NewEncoder(w).Encode(u)
}
