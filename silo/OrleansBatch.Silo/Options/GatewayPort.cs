using System.Net;

namespace OrleansBatch.Silo.Options;

/// <summary>Where clients that speak to the grains find the program.</summary>
internal static class GatewayPort
{
    /// <summary>The port that a client can guess.</summary>
    public const int Preferred = 30000;

    /// <summary>The port asked for; with none asked for the preferred one, unless another program has it.</summary>
    /// <exception cref="StartException">The port asked for is taken.</exception>
    public static int Choose(int? asked, IPAddress address) => asked switch
    {
        null => FreePort.IsFree(Preferred, address) ? Preferred : FreePort.Or(0, address),
        0 => FreePort.Or(0, address),
        { } port when FreePort.IsFree(port, address) => port,
        _ => throw new StartException($"Gateway port {asked} cannot be used: another program has it. Choose another with --gateway-port, or --gateway-port 0 for a free one."),
    };
}
