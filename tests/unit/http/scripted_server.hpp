// A server on loopback that answers by a script, also as no server should.
//
// Each connection has a thread that runs the script; when that returns, the connection is closed.
// Nothing here waits longer than ten seconds.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cavra::testing {

struct Received {
  std::string head;  // with the empty line
  std::string body;
};

class ScriptedServer {
 public:
  // One connection, as the script sees it.
  class Connection {
   public:
    // Nothing: the client has closed it, or it was too late.
    [[nodiscard]] std::optional<Received> read_request();
    [[nodiscard]] std::optional<std::string> read_head();
    // So many bytes, or fewer where the client closes.
    [[nodiscard]] std::string read(std::size_t bytes);
    void write(std::string_view bytes) const;
    // Until the client closes: reads on, or reads nothing.
    void drain();
    void hold() const;
    // Closes it the rude way: what is under way is lost.
    void reset();
    // Of the server's connections: 0 is the first.
    [[nodiscard]] std::size_t number() const { return number_; }

   private:
    friend class ScriptedServer;
    Connection(ScriptedServer& server, int fd, std::size_t number)
        : server_(server), fd_(fd), number_(number) {}
    [[nodiscard]] bool read_more();

    ScriptedServer& server_;
    int fd_;
    std::size_t number_;
    std::string unread_;
  };
  using Script = std::function<void(Connection&)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();  // cuts what is open
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path = "/") const;
  [[nodiscard]] int port() const { return port_; }
  // The requests read so far, in their order.
  [[nodiscard]] std::vector<Received> requests() const;
  // How many scripts have begun. wait_for_ended() waits until so many have come to their end.
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] bool wait_for_ended(std::size_t count) const;

 private:
  void accept_all();
  void serve(int fd, std::size_t number);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Received> requests_;
  std::vector<int> open_fds_;
  std::vector<std::thread> threads_;
  std::size_t ended_ = 0;
  bool is_closing_ = false;
  std::thread acceptor_;
};

// The n-th request of all gets the n-th answer, the last one those after it. "" cuts.
[[nodiscard]] ScriptedServer::Script answers(std::vector<std::string> texts);
// "HTTP/1.1 200 OK" and so on with that body.
[[nodiscard]] std::string answer(int status, std::string_view body = "",
                                 std::string_view more_headers = "");

// A port on which nobody listens.
[[nodiscard]] int unused_port();

}  // namespace cavra::testing
