using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBatch.AgentProtocol;
using OrleansBatch.Certificates;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests.Sessions;

/// <summary>A silo's side of the protocol: real gRPC on loopback, with a scheduler behind it that only records.</summary>
internal sealed class FakeGateway : AgentGateway.AgentGatewayBase, IAsyncDisposable
{
    private readonly RecordingSession _heard;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<Answer>> _asked = [];
    private WebApplication? _app;
    private IServerStreamWriter<SiloMessage>? _newest;
    private readonly SemaphoreSlim _sending = new(1);
    private long _number;
    private int _streams;
    private int _renewals;

    private FakeGateway(RecordingSession heard) => _heard = heard;

    public Uri Uri { get; private set; } = null!;

    public long SessionNumber { get; set; } = 1;

    /// <summary>What renewals are answered with; null: nothing, and no hello either.</summary>
    public Renewal? Renewal { get; set; } = AgentProtocol.Renewal.Renewed;

    public int Streams => Volatile.Read(ref _streams);

    public int Renewals => Volatile.Read(ref _renewals);

    public bool HasLeft { get; private set; }

    public static async Task<FakeGateway> StartAsync(RecordingSession heard, PrivateIdentity? identity)
    {
        var gateway = new FakeGateway(heard);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (identity is not null)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(identity.AsServer(Role.Node)) });
            }
        }));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = ProtocolLimits.LargestMessage);
        builder.Services.AddSingleton(gateway);
        gateway._app = builder.Build();
        gateway._app.MapGrpcService<FakeGateway>();
        await gateway._app.StartAsync();
        var address = gateway._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        gateway.Uri = new($"{(identity is null ? "http" : "https")}://localhost:{new Uri(address).Port}");
        return gateway;
    }

    public override async Task Session(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<SiloMessage> responseStream, ServerCallContext context)
    {
        _newest = responseStream;
        Interlocked.Increment(ref _streams);
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            await HearAsync(requestStream.Current, responseStream);
        }
    }

    public Task<Answer> LaunchAsync(params ImmutableArray<LaunchOrder> orders) =>
        AskAsync(number => new() { Launch = new() { Number = number, Session = SessionNumber, Orders = PayloadJson.Write(orders, PayloadTypes.Default.LaunchOrders) } });

    public Task<Answer> StopAsync(AttemptId attempt) =>
        AskAsync(number => new() { Stop = new() { Number = number, Session = SessionNumber, Attempts = { attempt.ToWire() } } });

    public async Task<LogPage> LogAsync(string job)
    {
        var answer = await AskAsync(number => new() { ReadLog = new() { Number = number, Query = PayloadJson.Write(AnOrder.AllOf(job), PayloadTypes.Default.LogQuery) } });
        return PayloadJson.Read(answer.Page, PayloadTypes.Default.LogPage);
    }

    public Task CloseAsync() => SendAsync(_newest!, new() { Close = new() { Reason = "the test says so" } });

    public async ValueTask DisposeAsync()
    {
        // As a silo that is killed: nobody says good-bye.
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task<Answer> AskAsync(Func<long, SiloMessage> question)
    {
        var number = Interlocked.Increment(ref _number);
        var answer = _asked[number] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(_newest!, question(number));
        return await answer.Task.WaitAsync(Eventually.Deadline);
    }

    private async Task HearAsync(AgentMessage message, IServerStreamWriter<SiloMessage> stream)
    {
        switch (message.ContentCase)
        {
            case AgentMessage.ContentOneofCase.Hello when Renewal is not null:
                await _heard.ConnectAsync(PayloadJson.Read(message.Hello.Hello_, PayloadTypes.Default.AgentHello), CancellationToken.None);
                await SendAsync(stream, new() { Welcome = new() { Number = message.Hello.Number, Version = ProtocolLimits.Version, Session = SessionNumber } });
                break;
            case AgentMessage.ContentOneofCase.Renew:
                Interlocked.Increment(ref _renewals);
                if (Renewal is { } outcome)
                {
                    await SendAsync(stream, new() { Renewed = new() { Number = message.Renew.Number, Outcome = outcome } });
                }

                break;
            case AgentMessage.ContentOneofCase.Reports:
                var settled = await _heard.ReportAsync(PayloadJson.Read(message.Reports.Reports_, PayloadTypes.Default.AttemptReports), CancellationToken.None);
                await SendAsync(stream, new() { Settled = new() { Number = message.Reports.Number, Attempts = { settled.Select(attempt => attempt.ToWire()) } } });
                break;
            case AgentMessage.ContentOneofCase.Leave:
                HasLeft = true;
                await SendAsync(stream, new() { Left = new() { Number = message.Leave.Number } });
                break;
            case AgentMessage.ContentOneofCase.Answer:
                _asked[message.Answer.Number].TrySetResult(message.Answer);
                break;
        }
    }

    private async Task SendAsync(IServerStreamWriter<SiloMessage> stream, SiloMessage message)
    {
        await _sending.WaitAsync();
        try
        {
            await stream.WriteAsync(message);
        }
        finally
        {
            _sending.Release();
        }
    }
}
