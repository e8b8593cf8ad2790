using OrleansBatch.Client.Transports;

namespace OrleansBatch.Client.Tests.Transports;

public sealed class GatewayConnectionTests
{
    [Theory]
    [InlineData("127.0.0.1:31000", "127.0.0.1", 31000)]
    [InlineData("localhost", "localhost", 30000)]
    public void An_address_is_a_host_and_a_port(string text, string host, int port) => Assert.Equal((host, port), GatewayConnection.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(":30000")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:port")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => GatewayConnection.Parse(text));

    [Theory]
    [InlineData("g:1", "run", "--gateway", "g:1", "--", "true")]
    [InlineData("g:1", "--gateway=g:1", "queues")]
    [InlineData("env:1", "run", "--", "x", "--gateway", "job:1")]
    [InlineData("env:1", "queues")]
    [InlineData(null, "queues", "--endpoint", "http://h")]
    [InlineData(null, "queues", "--gateway")]
    [InlineData(null, "queues", "--help")]
    public void It_is_found_before_the_command_line_is_read_for_good(string? expected, params string[] arguments) =>
        Assert.Equal(expected, EarlyGateway.Look(arguments, name => name == "ORLEANSBATCH_GATEWAY" ? "env:1" : null));
}
