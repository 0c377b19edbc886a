// Command floor sends the requests for a list of objects as fast as the API server takes them: no tool that sends
// one request an object can be much faster.
//
//	floor -do apply|delete KUBECONFIG OBJECTS
//
// KUBECONFIG is one of tests/cluster/up. OBJECTS has a line {"path": …, "object": …} for each object. Sixteen
// workers, each with a connection of its own, send in the order of the lines and know nothing of each other.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
)

const workers = 16

type target struct {
	server, token string
	client        *http.Client
}

type item struct {
	Path   string          `json:"path"`
	Object json.RawMessage `json:"object"`
}

func main() {
	verb := flag.String("do", "apply", "apply or delete")
	flag.Parse()
	if flag.NArg() != 2 || (*verb != "apply" && *verb != "delete") {
		log.Fatal("usage: floor -do apply|delete KUBECONFIG OBJECTS")
	}
	target := read(flag.Arg(0))
	queue := make(chan item)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for next := range queue {
				target.send(*verb, next)
			}
		})
	}
	text, err := os.ReadFile(flag.Arg(1))
	check(err)
	for line := range bytes.Lines(text) {
		var next item
		check(json.Unmarshal(line, &next))
		queue <- next
	}
	close(queue)
	running.Wait()
}

func read(path string) target {
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string `json:"server"`
				CA     string `json:"certificate-authority-data"`
			} `json:"cluster"`
		} `json:"clusters"`
		Users []struct {
			User struct {
				Token string `json:"token"`
			} `json:"user"`
		} `json:"users"`
	}
	text, err := os.ReadFile(path)
	check(err)
	check(json.Unmarshal(text, &config))
	pem, err := base64.StdEncoding.DecodeString(config.Clusters[0].Cluster.CA)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return target{config.Clusters[0].Cluster.Server, config.Users[0].User.Token, &http.Client{
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: roots},
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1: a connection a worker
			MaxIdleConnsPerHost: workers,
		},
	}}
}

func (t target) send(verb string, next item) {
	method, url, body := http.MethodDelete, t.server+next.Path+"?propagationPolicy=Background", []byte(nil)
	if verb == "apply" {
		method, url, body = http.MethodPatch, t.server+next.Path+"?fieldManager=floor&fieldValidation=Strict", next.Object
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	check(err)
	request.Header.Set("Authorization", "Bearer "+t.token)
	request.Header.Set("Content-Type", "application/apply-patch+yaml") // JSON is YAML
	response, err := t.client.Do(request)
	check(err)
	answer, err := io.ReadAll(response.Body) // to its end: only then the connection is used again
	check(err)
	check(response.Body.Close())
	if response.StatusCode >= 300 {
		log.Fatalf("%s %s: %s", method, next.Path, answer)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
